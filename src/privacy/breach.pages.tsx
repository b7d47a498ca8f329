import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { reportKind } from './breach.api.js';
import { BreachChange, NewBreach, NewReport, REPORT_ITEMS, type ReportKind } from './breach.dto.js';
import { breachPage } from './breach.page.js';
import { BreachQueries } from './breach.queries.js';
import { BreachService } from './breach.service.js';
import { deskPage, FILTERS } from './desk.page.js';
import { ExposureQuery } from './exposure.dto.js';
import { ExposureQueries } from './exposure.queries.js';
import { inLanguage } from './printed.js';
import { printedReport, writingPage } from './report.page.js';

type Fields = Record<string, unknown>;

/** What one page was asked for: by whom, and what was typed and refused. */
interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  values?: Fields;
  error?: unknown;
}

const RECORDS = 50;

@ApiExcludeController()
@Controller('privacy/breaches')
export class BreachPages {
  constructor(
    private readonly views: Views,
    private readonly exposure: ExposureQueries,
    private readonly queries: BreachQueries,
    private readonly breaches: BreachService,
  ) {}

  /** The breaches, and whom the log shows for what one asks of it. */
  @Get()
  @Can('breaches.read')
  list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query() values: Fields,
  ) {
    return this.desk({ request, reply, actor, values });
  }

  @Post()
  @Can('breaches.manage')
  async open(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const { awareOn, malicious } = body;
      const input = parse(NewBreach, { filter: only(body, FILTERS), awareOn, malicious });
      const { id } = await this.breaches.open(actor, input, once);
      redirect(reply, `/privacy/breaches/${id}?done=breach.opened`);
    } catch (error) {
      await this.desk({ request, reply, actor, values: body, error });
    }
  }

  @Get(':id')
  @Can('breaches.read')
  one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    return this.record({ request, reply, actor }, id);
  }

  @Post(':id')
  @Can('breaches.manage')
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const change = parse(BreachChange, only(body, ['awareOn', 'malicious', 'toldOn']));
      await this.breaches.change(actor, id, change, once);
      redirect(reply, `/privacy/breaches/${id}?done=breach.changed`);
    } catch (error) {
      await this.record({ request, reply, actor, values: body, error }, id);
    }
  }

  @Post(':id/close')
  @Can('breaches.manage')
  async close(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    try {
      await this.breaches.close(actor, id, once);
      redirect(reply, `/privacy/breaches/${id}?done=breach.closed`);
    } catch (error) {
      await this.record({ request, reply, actor, error }, id);
    }
  }

  /** A report as it is handed in: `?language` chooses its language, and `?saving` an earlier saving. */
  @Get(':id/reports/:kind')
  @Can('breaches.read')
  async printed(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Param('kind') asked: string,
    @Query() query: Fields,
  ) {
    const kind = reportKind(asked);
    const breach = await this.queries.read(actor, id);
    const view = inLanguage(await this.views.of(request), query.language);
    const report = breach[kind].find((saving) => saving.id === query.saving) ?? handedIn(breach, kind);
    send(reply, printedReport(view, { breach, kind, report }));
  }

  @Get(':id/reports/:kind/write')
  @Can('breaches.manage')
  write(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Param('kind') kind: string,
  ) {
    return this.writing({ request, reply, actor }, id, reportKind(kind));
  }

  @Post(':id/reports/:kind/write')
  @Can('breaches.manage')
  async save(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Param('kind') asked: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    const kind = reportKind(asked);
    try {
      const { basedOn, reportedOn } = body;
      const input = parse(NewReport, { items: only(body, REPORT_ITEMS), basedOn, reportedOn });
      await this.breaches.report(actor, { id, kind }, input, once);
      redirect(reply, `/privacy/breaches/${id}?done=breach.${input.reportedOn ? 'reported' : 'saved'}`);
    } catch (error) {
      await this.writing({ request, reply, actor, values: body, error }, id, kind);
    }
  }

  private async desk({ request, reply, actor, values = {}, error }: Asked): Promise<void> {
    const view = await this.views.of(request);
    let { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    let found = null;
    // Nothing is asked of the log before somebody names whose reading it is about.
    if (FILTERS.some((name) => values[name])) {
      try {
        found = await this.exposure.search(actor, parse(ExposureQuery, only(values, [...FILTERS, 'cursor'])));
      } catch (fault) {
        if (!error) ({ errors, refusal, status } = refusedForm(fault, view.language));
      }
    }
    const userId = typeof values.userId === 'string' && found ? values.userId : undefined;
    const [choices, records] = await Promise.all([
      this.exposure.choices(actor, userId || undefined),
      this.queries.list(actor, { limit: RECORDS }),
    ]);
    const form = { values: { awareOn: view.today, ...values, idempotencyKey: newId() }, errors };
    send(reply, deskPage(view, { found, choices, records: records.items, form, refusal }), status);
  }

  private async record({ request, reply, actor, values, error }: Asked, id: string): Promise<void> {
    const [view, breach] = await Promise.all([this.views.of(request), this.queries.read(actor, id)]);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const choices = await this.exposure.choices(actor, breach.filter.userId);
    const { awareOn, malicious, toldOn } = breach;
    const form = { values: values ?? { awareOn, malicious, toldOn }, errors };
    send(reply, breachPage(view, { breach, choices, form, refusal }), status);
  }

  private async writing(
    { request, reply, actor, values, error }: Asked,
    id: string,
    kind: ReportKind,
  ): Promise<void> {
    const [view, breach] = await Promise.all([this.views.of(request), this.queries.read(actor, id)]);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    // The final report goes on from what the first one said.
    const items = (breach[kind][0] ?? breach.first[0])?.items ?? {};
    const form = { values: values ?? { ...items }, errors };
    send(reply, writingPage(view, { breach, kind, form, refusal }), status);
  }
}

const only = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, fields[name]]));

/** The saving that was handed in, else the newest. */
const handedIn = (breach: Awaited<ReturnType<BreachQueries['read']>>, kind: ReportKind) =>
  breach[kind].find(({ id }) => id === breach[`${kind}ReportId`]) ?? breach[kind][0] ?? null;
