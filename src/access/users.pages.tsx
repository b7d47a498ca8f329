import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasRole, PARTNER_ROLES, ROLES, type Actor, type Role } from '../kernel/actor.js';
import { invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import type { Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { NewUser, UserForm, UserSearch } from './access.dto.js';
import { Can, CurrentActor, StepUp } from './access.guard.js';
import { may } from './permissions.js';
import { invitePage, userPage } from './user.page.js';
import { linkPage, usersPage } from './users.page.js';
import { UsersQueries } from './users.queries.js';
import { UsersService } from './users.service.js';
import { Views } from './views.js';

type Fields = Record<string, unknown>;

const isLead = (actor: Actor): boolean => !hasRole(actor, 'admin');
const rolesOf = (actor: Actor): readonly Role[] => (isLead(actor) ? PARTNER_ROLES : ROLES);

/** The people who sign in: for administrators all, for a lead those of the own organisation. */
@ApiExcludeController()
@Can('users.manage')
@Controller('users')
export class UsersPages {
  constructor(
    private readonly views: Views,
    private readonly users: UsersService,
    private readonly queries: UsersQueries,
  ) {}

  @Get()
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    return this.search(request, reply, actor, {});
  }

  @Post('search')
  async search(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Body() body: Fields,
  ) {
    const { text, role, active, cursor } = body ?? {};
    const values = { text, role, active, cursor };
    const view = await this.views.of(request);
    const own = isLead(actor);
    try {
      const page = await this.queries.list(actor, parse(UserSearch, values));
      send(reply, usersPage(view, { page, form: { values, errors: [] }, own }));
    } catch (error) {
      const { errors, status } = refusedForm(error, view.language);
      const page = { items: [], nextCursor: null };
      send(reply, usersPage(view, { page, form: { values, errors }, own }), status);
    }
  }

  @Get('new')
  async inviting(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    await this.showInvitation(request, reply, actor);
  }

  @Post()
  @StepUp()
  async invite(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @Body() body: Fields,
    @OnceKey() once: Once,
  ) {
    const { email, name, roles, organisationId } = body;
    const values = { email, name, roles, organisationId };
    try {
      const { invitationUrl, ...user } = await this.users.invite(actor, parse(NewUser, values), once);
      send(reply, linkPage(await this.views.of(request), user, invitationUrl, true));
    } catch (error) {
      await this.showInvitation(request, reply, actor, { values, error });
    }
  }

  @Get(':id')
  async user(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    await this.show(request, reply, actor, id);
  }

  @Post(':id')
  @StepUp()
  async change(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: Fields,
  ) {
    const values = { name: body?.name, roles: body?.roles };
    await this.doOrShow(request, reply, actor, id, { values, done: 'changed' }, async () => {
      const change = parse(UserForm, values);
      // A box that is not ticked sends nothing; on the own page there are no boxes.
      if (id !== actor.userId && !change.roles) throw invalid({ path: 'roles', code: 'listEmpty' });
      await this.users.change(actor, id, change);
    });
  }

  @Post(':id/link')
  @StepUp()
  async link(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    const url = await this.users.resetLink(actor, id);
    const { user } = await this.queries.read(actor, id);
    send(reply, linkPage(await this.views.of(request), user, url, false));
  }

  @Post(':id/second-factor')
  @Can('users.factor')
  @StepUp()
  async resetFactor(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    await this.doOrShow(request, reply, actor, id, { values: {}, done: 'factor' }, () =>
      this.users.resetFactor(actor, id),
    );
  }

  @Post(':id/end')
  @StepUp()
  async end(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Body() body: Fields,
  ) {
    const successorId = typeof body?.successorId === 'string' ? body.successorId : '';
    const sent = { values: { successorId }, done: 'ended' };
    await this.doOrShow(request, reply, actor, id, sent, async () => {
      const { colleagues } = await this.queries.read(actor, id);
      if (colleagues.length > 0 && !successorId) throw invalid({ path: 'successorId', code: 'required' });
      if (successorId && !colleagues.some((colleague) => colleague.id === successorId))
        throw invalid({ path: 'successorId', code: 'successor' });
      await this.users.change(actor, id, { active: false, ...(successorId && { successorId }) });
    });
  }

  @Post(':id/restore')
  @StepUp()
  async restore(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ) {
    await this.doOrShow(request, reply, actor, id, { values: {}, done: 'restored' }, () =>
      this.users.change(actor, id, { active: true }),
    );
  }

  /** Does what a button of the page asks for; what is refused comes back with everything that was sent. */
  private async doOrShow(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    id: string,
    { values, done }: { values: Fields; done: string },
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work();
      redirect(reply, `/users/${id}?done=users.${done}`);
    } catch (error) {
      await this.show(request, reply, actor, id, { values, error });
    }
  }

  private async show(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    id: string,
    sent?: { values: Fields; error: unknown },
  ): Promise<void> {
    const view = await this.views.of(request);
    const refused = sent ? refusedForm(sent.error, view.language) : NOT_REFUSED;
    const parts = {
      ...(await this.queries.read(actor, id)),
      roles: rolesOf(actor),
      isOwn: id === actor.userId,
      helpsWithFactor: may(actor, 'users.factor'),
      form: { values: sent?.values ?? {}, ...refused },
    };
    send(reply, userPage(view, parts), refused.status);
  }

  private async showInvitation(
    request: FastifyRequest,
    reply: FastifyReply,
    actor: Actor,
    sent?: { values: Fields; error: unknown },
  ): Promise<void> {
    const view = await this.views.of(request);
    const refused = sent ? refusedForm(sent.error, view.language) : NOT_REFUSED;
    const choices = {
      roles: rolesOf(actor),
      organisations: isLead(actor) ? null : await this.queries.organisations(actor),
    };
    const form = { values: sent?.values ?? {}, ...refused };
    send(reply, invitePage(view, form, choices, newId()), refused.status);
  }
}
