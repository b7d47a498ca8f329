import { Body, Controller, Get, Post, Query as QueryString, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { NewDisclosure } from './disclosures.dto.js';
import { disclosuresPage } from './disclosures.page.js';
import { DisclosuresService } from './disclosures.service.js';
import { inLanguage } from './printed.js';
import { SheetQuery } from './sheet.dto.js';
import { sheetPage } from './sheet.page.js';
import { SheetQueries } from './sheet.queries.js';

type Fields = Record<string, unknown>;

@ApiExcludeController()
@Controller('people/:id')
export class PeoplePrivacyPages {
  constructor(
    private readonly views: Views,
    private readonly sheets: SheetQueries,
    private readonly disclosures: DisclosuresService,
  ) {}

  /** The sheet for the person helped: `?language=en` chooses its language, `?withoutNarrative=true` leaves out texts. */
  @Get('sheet')
  @Can('people.sheet')
  async sheet(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @QueryString() { language, withoutNarrative }: Fields,
  ) {
    const query = parse(SheetQuery, { withoutNarrative });
    const sheet = await this.sheets.sheet(actor, id, query);
    const view = inLanguage(await this.views.of(request), language);
    send(reply, sheetPage(view, { id, sheet, withoutNarrative: query.withoutNarrative === true }));
  }

  /** To whom this person's data went, and the form to record another time. */
  @Get('disclosures')
  @Can('people.disclose')
  list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    return this.page({ request, reply, actor, id });
  }

  @Post('disclosures')
  @Can('people.disclose')
  async record(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    try {
      const { idempotencyKey: _, fields, ...rest } = body;
      // A form with one box ticked sends text, with several a list.
      const chosen = typeof fields === 'string' ? [fields] : fields;
      await this.disclosures.record(actor, id, parse(NewDisclosure, { ...rest, fields: chosen }), once);
      redirect(reply, `/people/${id}/disclosures?done=sheet.disclosed`);
    } catch (error) {
      await this.page({ request, reply, actor, id, values: body, error });
    }
  }

  /** @throws what no form can answer */
  private async page({ request, reply, actor, id, values, error }: Shown): Promise<void> {
    const [view, { person, items }] = await Promise.all([
      this.views.of(request),
      this.disclosures.of(actor, id),
    ]);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const form = { values: values ?? { disclosedOn: view.today }, errors };
    send(reply, disclosuresPage(view, { person, items, form, refusal }), status);
  }
}

interface Shown {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
  values?: Fields;
  error?: unknown;
}
