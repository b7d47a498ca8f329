import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { NewDisbursement } from './disbursements.dto.js';
import { DisbursementsQueries } from './disbursements.queries.js';
import { DisbursementsService } from './disbursements.service.js';
import { payPage, paymentsPage } from './payments.page.js';

@ApiExcludeController()
@Can('payments.make')
@Controller('payments')
export class DisbursementsPages {
  constructor(
    private readonly views: Views,
    private readonly queries: DisbursementsQueries,
    private readonly disbursements: DisbursementsService,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const [view, waiting, paid] = await Promise.all([
      this.views.of(request),
      this.queries.toPay(actor),
      this.queries.lastPaid(actor),
    ]);
    send(reply, paymentsPage(view, waiting, paid));
  }

  @Get(':awardId')
  async one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId('awardId') awardId: string,
  ) {
    const [view, payable] = await Promise.all([this.views.of(request), this.queries.one(actor, awardId)]);
    const values = {
      amount: payable.amount,
      paidOn: view.today,
      method: 'bank_transfer',
      idempotencyKey: newId(),
    };
    send(reply, payPage(view, payable, { values, errors: [] }));
  }

  @Post(':awardId')
  async pay(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId('awardId') awardId: string,
    @Body() body: Record<string, unknown>,
    @OnceKey() once: Once,
  ) {
    try {
      const { amount, paidOn, method, reference } = body;
      const input = parse(NewDisbursement, { awardId, amount, paidOn, method, reference });
      await this.disbursements.pay(actor, input, once);
      redirect(reply, '/payments?done=disbursements.paid');
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      const payable = await this.queries.one(actor, awardId);
      send(reply, payPage(view, payable, { values: body, errors }, refusal), status);
    }
  }
}
