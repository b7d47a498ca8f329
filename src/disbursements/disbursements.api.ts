import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, PathId } from '../platform/input.js';
import { DisbursementView, NewDisbursement } from './disbursements.dto.js';
import { DisbursementsService } from './disbursements.service.js';
import { NewBounce, NewRefund, ReturnView } from './returns.dto.js';
import { ReturnsService } from './returns.service.js';

@ApiTags('disbursements')
@Controller('api/v1/disbursements')
export class DisbursementsApi {
  constructor(
    private readonly disbursements: DisbursementsService,
    private readonly returns: ReturnsService,
  ) {}

  @Post()
  @Can('payments.make')
  @StepUp()
  @ApiBody({ type: NewDisbursement })
  @ApiCreatedResponse({ type: DisbursementView })
  pay(
    @CurrentActor() actor: Actor,
    @Input(NewDisbursement) input: NewDisbursement,
    @OnceKey() once: Once,
  ): Promise<DisbursementView> {
    return this.disbursements.pay(actor, input, once);
  }

  @Post(':id/bounce')
  @HttpCode(200)
  @Can('payments.make')
  @StepUp()
  @ApiBody({ type: NewBounce })
  @ApiOkResponse({ type: ReturnView })
  bounce(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewBounce) input: NewBounce,
    @OnceKey() once: Once,
  ): Promise<ReturnView> {
    return this.returns.bounce(actor, id, input, once);
  }

  @Post(':id/refund')
  @HttpCode(200)
  @Can('payments.make')
  @StepUp()
  @ApiBody({ type: NewRefund })
  @ApiOkResponse({ type: ReturnView })
  refund(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewRefund) input: NewRefund,
    @OnceKey() once: Once,
  ): Promise<ReturnView> {
    return this.returns.refund(actor, id, input, once);
  }
}
