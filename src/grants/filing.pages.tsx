import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import { CasesQueries } from '../cases/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent, invalid, type DomainError } from '../kernel/errors.js';
import { isId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { refusable } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { DraftsService } from './drafts.service.js';
import {
  emptyLine,
  nested,
  NewPersonInCase,
  parseLines,
  parsePayees,
  stepToContinue,
  typedLines,
  writtenLines,
  type Fields,
} from './filing.input.js';
import { FilingScreen, refused, type Asked } from './filing.screen.js';
import { FilingService } from './filing.service.js';
import { personPage, whoPage } from './filing.start.js';
import { DRAFT_STEPS, stepPath, type DraftStep } from './filing.views.js';
import { Comment, GrantRequestChange } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';

const bodyOf = (request: FastifyRequest): Fields => (request.body ?? {}) as Fields;

/** The six steps by which a partner files a request; each is stored when it is sent. */
@ApiExcludeController()
@Controller('requests')
export class FilingPages {
  constructor(
    private readonly views: Views,
    private readonly cases: CasesQueries,
    private readonly drafts: DraftsService,
    private readonly filing: FilingService,
    private readonly queries: GrantsQueries,
    private readonly screen: FilingScreen,
  ) {}

  @Get('new')
  @Can('requests.file')
  async who(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const { caseId } = request.query as Fields;
    await this.showWho(request, reply, actor, { for: caseId });
  }

  @Post('new')
  @Can('requests.file')
  async begin(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @OnceKey() once: Once,
  ) {
    const body = bodyOf(request);
    if (body.for === 'new') return redirect(reply, '/requests/new/person');
    try {
      if (body.for !== 'activity' && !isId(body.for)) throw invalid({ path: 'for', code: 'chooseOne' });
      const caseId = body.for === 'activity' ? null : body.for;
      this.begun(reply, await this.drafts.begin(actor, caseId, once), body);
    } catch (error) {
      await this.showWho(request, reply, actor, body, refusable(error));
    }
  }

  @Get('new/person')
  @Can('requests.file')
  async person(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const view = await this.views.of(request);
    const household = { adults: '1', children: '0', unborn: '0' };
    const values = { household, consent: [{ givenOn: view.today }] };
    send(reply, personPage({ view, form: { values, errors: [] } }));
  }

  @Post('new/person')
  @Can('requests.file')
  async beginForPerson(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @OnceKey() once: Once,
  ) {
    const values = nested(bodyOf(request));
    try {
      const input = parse(NewPersonInCase, personInput(values));
      const [agreed] = input.consent;
      if (values.sensitive !== undefined) input.consent.push({ ...agreed!, purpose: 'sensitive' });
      this.begun(reply, await this.drafts.beginForNewPerson(actor, input, once), values);
    } catch (error) {
      const view = await this.views.of(request);
      const { status, errors, refusal } = refused(view, refusable(error));
      // The second consent was said with the first, and its faults are the same.
      const own = errors.filter(({ path }) => !path.startsWith('consent.1.'));
      send(reply, personPage({ view, form: { values, errors: own }, refusal }), status);
    }
  }

  @Get(':id/edit')
  @Can('requests.file')
  async goOn(@Res() reply: FastifyReply, @CurrentActor() actor: Actor, @PathId() id: string) {
    redirect(reply, stepPath(id, stepToContinue(await this.queries.view(actor, id))));
  }

  @Get(':id/edit/:step')
  @Can('requests.file')
  async step(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Param('step') step: DraftStep,
  ) {
    if (!DRAFT_STEPS.includes(step)) throw absent();
    await this.screen.show({ request, reply, actor, id, step });
  }

  @Post(':id/edit/urgency')
  @Can('requests.file')
  saveUrgency(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const values = bodyOf(request);
    return this.screen.save({ request, reply, actor, id, step: 'urgency' }, values, async () => {
      await this.filing.change(actor, id, parse(GrantRequestChange, { urgency: values.urgency }));
    });
  }

  @Post(':id/edit/lines')
  @Can('requests.file')
  async saveLines(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const asked: Asked = { request, reply, actor, id, step: 'lines' };
    const body = bodyOf(request);
    const typed = typedLines(body);
    if (body.add !== undefined) return this.reshape(asked, typed, [...typed, emptyLine()]);
    if (body.remove !== undefined) {
      const rest = typed.filter((_, index) => String(index) !== body.remove);
      return this.reshape(asked, rest, rest.length > 0 ? rest : [emptyLine()]);
    }
    const lines = writtenLines(typed);
    return this.screen.save(asked, { ...body, lines }, () => this.changeLines(asked, lines));
  }

  @Post(':id/edit/payee')
  @Can('requests.file')
  savePayees(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    const body = bodyOf(request);
    const asked: Asked = { request, reply, actor, id, step: 'payee' };
    return this.screen.save(asked, { ...body, ...nested(body) }, async () => {
      await this.drafts.choosePayees(actor, id, parsePayees(body), once);
    });
  }

  @Post(':id/edit/reason')
  @Can('requests.file')
  saveReason(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    return this.screen.saveReason({ request, reply, actor, id, step: 'reason' });
  }

  @Post(':id/edit/check')
  @Can('requests.file')
  submit(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
  ) {
    const values = bodyOf(request);
    return this.screen.save({ request, reply, actor, id, step: 'check' }, values, async () => {
      const { comment } = parse(Comment, { comment: values.comment });
      const { status } = await this.filing.submit(actor, id, comment, once);
      return `/requests/${id}?done=filing.${status === 'submitted' ? 'submitted' : 'answered'}`;
    });
  }

  /** One line more or less: what can be stored of the others is, and all of it is shown again as typed. */
  private async reshape(asked: Asked, kept: Fields[], lines: Fields[]): Promise<void> {
    try {
      await this.changeLines(asked, writtenLines(kept));
    } catch (error) {
      refusable(error);
    }
    await this.screen.show(asked, { values: { lines } });
  }

  private async changeLines({ request, actor, id }: Asked, lines: Fields[]): Promise<void> {
    const [{ kind }, { today }] = await Promise.all([this.queries.view(actor, id), this.views.of(request)]);
    await this.filing.change(actor, id, { lines: parseLines(kind, lines, today) });
  }

  private begun(reply: FastifyReply, id: string, { later }: Fields): void {
    redirect(reply, later === undefined ? stepPath(id, 'urgency') : '/?done=filing.saved');
  }

  private async showWho(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    values: Fields,
    error?: DomainError,
  ): Promise<void> {
    const [view, cases] = await Promise.all([this.views.of(request), this.cases.ofOrganisation(actor)]);
    const { status, errors, refusal } = refused(view, error);
    send(
      reply,
      whoPage(
        { view, form: { values, errors }, refusal },
        cases,
        (request.query as Fields).all !== undefined,
      ),
      status,
    );
  }
}

/** The consent without which nothing may be taken down is the one that is asked for. */
function personInput(values: Fields): Fields {
  const { alias, ageBand, prefectureCode, languages, household, needs, summary, consent } = values;
  const [said] = Array.isArray(consent) ? (consent as Fields[]) : [];
  const agreed = [{ ...said, purpose: 'casework' }];
  return { alias, ageBand, prefectureCode, languages, household, needs, summary, consent: agreed };
}
