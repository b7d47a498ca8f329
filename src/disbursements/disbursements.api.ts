import { Controller, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input } from '../platform/input.js';
import { DisbursementView, NewDisbursement } from './disbursements.dto.js';
import { DisbursementsService } from './disbursements.service.js';

@ApiTags('disbursements')
@Controller('api/v1/disbursements')
export class DisbursementsApi {
  constructor(private readonly disbursements: DisbursementsService) {}

  @Post()
  @Can('payments.make')
  @ApiBody({ type: NewDisbursement })
  @ApiCreatedResponse({ type: DisbursementView })
  pay(
    @CurrentActor() actor: Actor,
    @Input(NewDisbursement) input: NewDisbursement,
    @OnceKey() once: Once,
  ): Promise<DisbursementView> {
    return this.disbursements.pay(actor, input, once);
  }
}
