import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { LedgerQueries } from '../ledger/index.js';
import { Db, type Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { PageQuery } from '../platform/pages.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { newFundPage, type ShownForm } from './fund-forms.js';
import { fundPage, fundsPage } from './fund-pages.js';
import { needOfCode } from './fund-parts.js';
import { AllocationInput, NewContribution, NewFund } from './funds.dto.js';
import { FundsQueries } from './funds.queries.js';
import { FundsService } from './funds.service.js';

type Fields = Record<string, unknown>;

const FUNDS_PER_PAGE = 20;
const LAST_MOVEMENTS = 20;

/** The fields of one of a page's forms: `contribution.amount` as `amount`. */
const fieldsOf = (body: Fields | undefined, form: string): Fields =>
  Object.fromEntries(
    Object.entries(body ?? {})
      .filter(([name]) => name.startsWith(`${form}.`))
      .map(([name, value]) => [name.slice(form.length + 1), value]),
  );

@ApiExcludeController()
@Controller('funds')
export class FundsPages {
  constructor(
    private readonly views: Views,
    private readonly db: Db,
    private readonly funds: FundsService,
    private readonly queries: FundsQueries,
    private readonly ledger: LedgerQueries,
  ) {}

  @Get()
  @Can('funds.read')
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query('cursor') cursor?: string,
  ) {
    const page = await this.queries.list(actor, parse(PageQuery, { cursor, limit: FUNDS_PER_PAGE }));
    send(reply, fundsPage(await this.views.of(request), page, may(actor, 'funds.manage')));
  }

  @Get('new')
  @Can('funds.manage')
  async newFund(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const view = await this.views.of(request);
    send(reply, newFundPage(view, { values: { from: view.today }, errors: [] }));
  }

  @Post('new')
  @Can('funds.manage')
  async create(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    const { code, name, kind, from, to, 'rules.note': note } = body;
    try {
      const input = parse(NewFund, { code, name, kind, from, to, rules: { note } });
      const { id } = await this.funds.create(actor, input, once);
      redirect(reply, `/funds/${id}?done=funds.created`);
    } catch (error) {
      const view = await this.views.of(request);
      const [form, status] = shownAgain(error, view, body);
      send(reply, newFundPage(view, form), status);
    }
  }

  @Get(':id')
  @Can('funds.read')
  async one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const view = await this.views.of(request);
    send(reply, await this.page(view, actor, id, { values: {}, errors: [] }));
  }

  @Post(':id/contributions')
  @Can('funds.manage')
  async contribute(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    try {
      const input = parse(NewContribution, fieldsOf(body, 'contribution'));
      await this.funds.contribute(actor, id, input, once);
      redirect(reply, `/funds/${id}?done=funds.contributed`);
    } catch (error) {
      const view = await this.views.of(request);
      const [form, status] = shownAgain(error, view, body, 'contribution.');
      send(reply, await this.page(view, actor, id, form), status);
    }
  }

  @Post(':id/allocations')
  @Can('funds.manage')
  async allocate(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    try {
      const { line, direction, amount } = parse(AllocationInput, fieldsOf(body, 'allocation'));
      const { purpose, category } = needOfCode(line);
      const signed = direction === 'add' ? amount : -amount;
      await this.funds.allocate(
        actor,
        id,
        { purpose, category: category ?? undefined, amount: signed },
        once,
      );
      redirect(reply, `/funds/${id}?done=funds.allocated`);
    } catch (error) {
      const view = await this.views.of(request);
      const [form, status] = shownAgain(error, view, body, 'allocation.');
      send(reply, await this.page(view, actor, id, form), status);
    }
  }

  private async page(view: View, actor: Actor, id: string, form: ShownForm): Promise<string> {
    const fund = await this.queries.one(actor, id);
    const transfers = may(actor, 'ledger.read')
      ? await this.db.read(actor, (tx) => this.ledger.latest(tx, id, LAST_MOVEMENTS))
      : undefined;
    return fundPage(view, { fund, transfers, form, mayManage: may(actor, 'funds.manage') });
  }
}

/** The form with every value kept and its HTTP status; rethrows what no form can answer. */
function shownAgain(error: unknown, view: View, body: Fields, prefix = ''): [ShownForm, number] {
  const { errors, refusal, status } = refusedForm(error, view.language);
  const placed = errors.map((field) => ({ ...field, path: prefix + field.path }));
  return [{ values: body ?? {}, errors: placed, refusal }, status];
}
