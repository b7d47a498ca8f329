import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views, StepUp } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { IsText, parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { NewDisbursement } from './disbursements.dto.js';
import { DisbursementsQueries } from './disbursements.queries.js';
import { DisbursementsService } from './disbursements.service.js';
import { payPage } from './pay.page.js';
import { paymentsPage } from './payments.page.js';
import { NewRefund } from './returns.dto.js';
import { ReturnsService } from './returns.service.js';

type Fields = Record<string, unknown>;

/** The page has a form with a field `reason` already. */
class BounceInput {
  @IsText({ max: 2_000 })
  bounceReason: string;
}

@ApiExcludeController()
@Can('payments.make')
@StepUp()
@Controller('payments')
export class DisbursementsPages {
  constructor(
    private readonly views: Views,
    private readonly queries: DisbursementsQueries,
    private readonly disbursements: DisbursementsService,
    private readonly returns: ReturnsService,
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
    const [view, payable, attempts] = await Promise.all([
      this.views.of(request),
      this.queries.one(actor, awardId),
      this.queries.attempts(actor, awardId),
    ]);
    const toPay = { amount: payable.left, paidOn: view.today, method: 'bank_transfer' };
    const values = { ...(payable.paid ? {} : toPay), idempotencyKey: newId() };
    send(reply, payPage(view, payable, { attempts, form: { values, errors: [] } }));
  }

  @Post(':awardId')
  async pay(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId('awardId') awardId: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const { amount, paidOn, method, reference } = body;
      const input = parse(NewDisbursement, { awardId, amount, paidOn, method, reference });
      await this.disbursements.pay(actor, input, once);
      redirect(reply, '/payments?done=disbursements.paid');
    } catch (error) {
      await this.shownAgain(request, reply, actor, { awardId, body, error });
    }
  }

  @Post(':awardId/:id/bounce')
  async bounce(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId('awardId') awardId: string,
    @PathId() id: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const { bounceReason: reason } = parse(BounceInput, { bounceReason: body.bounceReason });
      const returned = await this.returns.bounce(actor, id, { reason }, once);
      redirect(reply, `/payments/${returned.awardId}?done=disbursements.bounced`);
    } catch (error) {
      await this.shownAgain(request, reply, actor, { awardId, body, error });
    }
  }

  @Post(':awardId/:id/refund')
  async refund(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId('awardId') awardId: string,
    @PathId() id: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const { amount, receivedOn, reason } = body;
      const refund = parse(NewRefund, { amount, receivedOn, reason });
      const returned = await this.returns.refund(actor, id, refund, once);
      redirect(reply, `/payments/${returned.awardId}?done=disbursements.refunded`);
    } catch (error) {
      await this.shownAgain(request, reply, actor, { awardId, body, error });
    }
  }

  /** @throws what no form can answer */
  private async shownAgain(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    { awardId, body, error }: { awardId: string; body: Fields; error: unknown },
  ): Promise<void> {
    const view = await this.views.of(request);
    const { errors, refusal, status } = refusedForm(error, view.language);
    const [payable, attempts] = await Promise.all([
      this.queries.one(actor, awardId),
      this.queries.attempts(actor, awardId),
    ]);
    const values = { idempotencyKey: newId(), ...body };
    send(reply, payPage(view, payable, { attempts, form: { values, errors }, refusal }), status);
  }
}
