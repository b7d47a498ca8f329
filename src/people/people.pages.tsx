import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId, Query } from '../platform/input.js';
import { PageQuery } from '../platform/pages.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { HouseholdsService } from './households.service.js';
import {
  HouseholdChange,
  NewPerson,
  PersonChange,
  PersonSearch,
  Reveal,
  type PersonView,
} from './people.dto.js';
import { peoplePage } from './people-list.page.js';
import { PeopleQueries } from './people.queries.js';
import { PeopleService } from './people.service.js';
import { changePersonPage, newPersonPage } from './person-form.page.js';
import { agreesToSensitive, personPage } from './person.page.js';
import { PeoplePageQueries } from './people-page.queries.js';
import { staffPersonPage } from './person-staff.page.js';
import { RevealsService } from './reveals.service.js';
import { addedConsent, personInput, storedPerson, type Fields } from './person-input.js';

const bodyOf = (request: FastifyRequest): Fields => (request.body ?? {}) as Fields;

/** Which person a page is about, and who asks. */
interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
}

/** What was typed, why it could not be done, and whether it is the household that is to be changed. */
interface Tried {
  values?: Fields;
  error?: unknown;
  joining?: boolean;
}

/** How many of one's own people a form suggests. */
const SUGGESTED = 200;

@ApiExcludeController()
@Controller('people')
export class PeoplePages {
  constructor(
    private readonly views: Views,
    private readonly queries: PeopleQueries,
    private readonly pageQueries: PeoplePageQueries,
    private readonly people: PeopleService,
    private readonly households: HouseholdsService,
    private readonly reveals: RevealsService,
  ) {}

  @Get()
  @Can('people.manage')
  async list(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Query(PageQuery) query: PageQuery,
  ) {
    const list = await this.queries.list(actor, query);
    const { nextCursor } = list;
    const next = nextCursor && `/people?limit=${query.limit}&cursor=${nextCursor}`;
    const form = { values: {}, errors: [] };
    const first = query.cursor ? '/people' : null;
    send(reply, peoplePage(await this.views.of(request), { list, searched: false, form, next, first }));
  }

  @Post('search')
  @Can('people.manage')
  async search(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const view = { ...(await this.views.of(request)), path: '/people' };
    const values = bodyOf(request);
    const page = { searched: true, next: null, first: null };
    try {
      const items = await this.pageQueries.search(actor, parse(PersonSearch, { query: values.query }));
      send(
        reply,
        peoplePage(view, { ...page, list: { items, nextCursor: null }, form: { values, errors: [] } }),
      );
    } catch (error) {
      const { errors, status } = refusedForm(error, view.language);
      const list = await this.queries.list(actor, new PageQuery());
      send(reply, peoplePage(view, { ...page, searched: false, list, form: { values, errors } }), status);
    }
  }

  @Get('new')
  @Can('people.manage')
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const view = await this.views.of(request);
    const values = { 'consent.0.givenOn': view.today };
    send(reply, newPersonPage({ view, form: { values, errors: [] }, key: newId() }));
  }

  @Post('new')
  @Can('people.manage')
  async register(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @OnceKey() once: Once,
  ) {
    const values = bodyOf(request);
    try {
      const consent = addedConsent({ ...values, 'consent.0.purpose': 'casework' });
      const input = parse(NewPerson, { ...personInput(values), ...consent });
      const { id } = await this.people.create(actor, input, once);
      redirect(reply, `/people/${id}?done=people.registered`);
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      send(reply, newPersonPage({ view, form: { values, errors }, refusal, key: newId() }), status);
    }
  }

  @Get(':id')
  @Can('people.read')
  async one(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const asked = { request, reply, actor, id };
    const joining = (request.query as Fields).change === 'household';
    await (may(actor, 'people.manage') ? this.show(asked, { joining }) : this.showToStaff(asked));
  }

  @Get(':id/edit')
  @Can('people.manage')
  async edit(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    await this.showForm({ request, reply, actor, id });
  }

  @Post(':id')
  @Can('people.manage')
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const values = bodyOf(request);
    try {
      const { updatedAt } = values;
      await this.people.change(actor, id, parse(PersonChange, { ...personInput(values), updatedAt }));
      redirect(reply, `/people/${id}?done=people.changed`);
    } catch (error) {
      await this.showForm({ request, reply, actor, id }, { values, error });
    }
  }

  @Post(':id/consents')
  @Can('people.manage')
  agree(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const values = bodyOf(request);
    return this.act({ request, reply, actor, id }, 'agreed', () =>
      this.people.change(actor, id, parse(PersonChange, addedConsent(values))),
    );
  }

  @Post(':id/consents/:consentId/withdraw')
  @Can('people.manage')
  withdraw(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @PathId('consentId') consentId: string,
    @OnceKey() once: Once,
  ) {
    return this.act({ request, reply, actor, id }, 'withdrawn', () =>
      this.people.withdrawConsent(actor, id, consentId, once),
    );
  }

  @Post(':id/household')
  @Can('people.manage')
  join(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    const { alone, whole, withPersonId: code } = bodyOf(request);
    const work = async () => {
      if (alone !== undefined) return this.households.change(actor, id, {}, once);
      if (typeof code !== 'string' || code.trim() === '')
        throw invalid({ path: 'withPersonId', code: 'required' });
      const withPersonId = await this.pageQueries.idOfCode(actor, code);
      if (!withPersonId) throw invalid({ path: 'withPersonId', code: 'personUnknown' });
      return this.households.change(actor, id, parse(HouseholdChange, { withPersonId, whole }), once);
    };
    return this.act({ request, reply, actor, id }, 'joined', work, true);
  }

  /** Opens the detail in the answer itself: going back to the page closes it again. */
  @Post(':id/reveal')
  @Can('people.reveal')
  async reveal(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const { reason, note } = bodyOf(request);
    const asked = { request, reply, actor, id };
    try {
      const person = await this.reveals.reveal(actor, id, parse(Reveal, { reason, note }));
      await this.showToStaff(asked, {}, person);
    } catch (error) {
      await this.showToStaff(asked, { values: { reason, note }, error });
    }
  }

  /** Does it and goes back to the person; a refusal shows the page again, with everything that was typed. */
  private async act(
    asked: Asked,
    done: string,
    work: () => Promise<unknown>,
    joining = false,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      return this.show(asked, { values: bodyOf(asked.request), error, joining });
    }
    redirect(asked.reply, `/people/${asked.id}?done=people.${done}`);
  }

  private async show({ request, reply, actor, id }: Asked, { values, error, joining }: Tried): Promise<void> {
    const person = await this.queries.read(actor, id);
    const view = { ...(await this.views.of(request)), path: `/people/${id}` };
    const [around, others] = await Promise.all([
      this.pageQueries.around(actor, person),
      joining ? this.queries.list(actor, { limit: SUGGESTED }) : null,
    ]);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const form = { values: values ?? { 'consent.0.givenOn': view.today }, errors };
    const suggested = others && others.items.filter((one) => one.id !== id);
    send(reply, personPage({ view, person, around, others: suggested, form, refusal, key: newId() }), status);
  }

  private async showToStaff(
    { request, reply, actor, id }: Asked,
    { values = {}, error }: Tried = {},
    opened?: PersonView,
  ): Promise<void> {
    const person = opened ?? (await this.queries.read(actor, id));
    const view = { ...(await this.views.of(request)), path: `/people/${id}` };
    const [around, reveals] = await Promise.all([
      this.pageQueries.around(actor, person),
      this.reveals.of(actor, id),
    ]);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const page = {
      view,
      person,
      around,
      reveals,
      opened: opened !== undefined,
      form: { values, errors },
      refusal,
    };
    send(reply, staffPersonPage(page), status);
  }

  private async showForm({ request, reply, actor, id }: Asked, { values, error }: Tried = {}): Promise<void> {
    const person = await this.queries.read(actor, id);
    const view = { ...(await this.views.of(request)), path: `/people/${id}/edit` };
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const form = { values: values ?? storedPerson(person), errors };
    send(
      reply,
      changePersonPage({ view, form, refusal, key: '' }, person, agreesToSensitive(person)),
      status,
    );
  }
}
