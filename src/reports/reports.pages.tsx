import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import { fieldErrorsOf } from '../web/errors.filter.js';
import type { FormState } from '../web/forms.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { defaultPeriod } from './report-months.js';
import { reportPage } from './report.page.js';
import { DisbursedQuery } from './reports.dto.js';
import { ReportsQueries, type ReportChoices } from './reports.queries.js';

type Fields = Record<string, unknown>;

@ApiExcludeController()
@Controller('reports')
export class ReportsPages {
  constructor(
    private readonly views: Views,
    private readonly reports: ReportsQueries,
  ) {}

  @Get()
  @Can('reports.read')
  async page(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query() typed: Fields,
  ) {
    const view = await this.views.of(request);
    const choices = await this.reports.choices(actor);
    const values = filledIn(typed, choices, view);
    try {
      const query = parse(DisbursedQuery, values);
      const report = await this.reports.monthly(actor, query);
      send(
        reply,
        reportPage({ view, choices, form: { values: { ...query }, errors: [] }, shown: { query, report } }),
      );
    } catch (error) {
      if (!(error instanceof DomainError) || error.fields.length === 0) throw error;
      const form: FormState = { values, errors: fieldErrorsOf(error, view.language) };
      send(reply, reportPage({ view, choices, form }), 422);
    }
  }
}

/** What was typed; a day that was left empty is the default's. */
function filledIn({ from, to, fundId }: Fields, { paid }: ReportChoices, view: View): Fields {
  const period = defaultPeriod(paid, view.today);
  return { from: from || period.from, to: to || period.to, fundId };
}
