import { Injectable } from '@nestjs/common';
import { onDuty, PARTNER_ROLES, type Actor, type Role } from '../kernel/actor.js';
import { absent, conflict, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { given } from '../platform/fields.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import { Runtime } from '../platform/runtime.js';
import type { InvitedUser, NewUser, UserChange, UserView } from './access.dto.js';
import { hashPassword } from './secrets.js';
import { forgetFactors } from './factors.js';
import { endSessions } from './sessions.service.js';
import { atTheGate, createLink, setPassword, shutOut } from './sign-in.service.js';
import { User } from './user.entity.js';
import { reaches } from './users.queries.js';

/** What is told of an account. */
export const viewOf = ({ id, email, name, roles, organisationId, active }: UserView): UserView => ({
  id,
  email,
  name,
  roles,
  organisationId,
  active,
});

/** The people who sign in. */
@Injectable()
export class UsersService {
  constructor(
    private readonly db: Db,
    private readonly runtime: Runtime,
  ) {}

  /**
   * Makes an account and a one-time link with which its owner chooses a password. A lead invites to the own
   * organisation, which then need not be named.
   * @throws DomainError `email.taken`; `input.invalid` when partner and network roles are mixed up, and for a lead at
   * any other organisation or role.
   */
  invite(actor: Actor, input: NewUser, once?: Once): Promise<InvitedUser> {
    return this.db.write(
      atTheGate(actor),
      async (tx) => {
        const organisationId = input.organisationId ?? actor.organisationId ?? undefined;
        checkReach(actor, { roles: input.roles, organisationId: organisationId ?? null });
        const user = await this.add(tx, { ...input, organisationId });
        const token = await createLink(tx, user.id);
        tx.audit('user.invited', 'user', user.id, { roles: user.roles });
        return { ...viewOf(user), invitationUrl: this.linkUrl(token) };
      },
      once,
    );
  }

  /**
   * Changes name, roles or whether the account works; one that no longer works is signed out everywhere, its keys and
   * links end, and its drafts become those of the colleague who is named.
   * @throws DomainError `resource.absent`, also for a lead's probe of anybody else's; `user.own_roles`;
   * `user.last_admin` when nobody would be left to manage accounts; `input.invalid` at `roles` for those that a lead
   * does not give, and at `successorId` for anybody but a colleague of the same organisation
   */
  change(actor: Actor, id: string, { successorId, ...change }: UserChange): Promise<UserView> {
    return this.db.write(atTheGate(actor), async (tx) => {
      // Two administrators who leave at once: the second one waits, and is then the last.
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('administrators'))");
      const user = await tx.orm.findOne(User, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!user || !reaches(actor, user)) throw absent();
      const before = viewOf(user);
      Object.assign(user, given(change));
      const rolesStay = [...user.roles].sort().join() === [...before.roles].sort().join();
      if (rolesStay) user.roles = before.roles;
      else if (id === actor.userId) throw conflict('user.own_roles');
      checkRoles(user.roles, user.organisationId);
      checkReach(actor, user);
      await tx.query('UPDATE users SET name = $2, roles = $3, active = $4 WHERE id = $1', [
        id,
        user.name,
        user.roles,
        user.active,
      ]);
      if (!user.active) await shutOut(tx, id);
      if (successorId) await passOn(tx, user, successorId);
      if ((await countAdmins(tx)) === 0) throw conflict('user.last_admin');
      tx.audit('user.changed', 'user', id, { before: facts(before), after: facts(user) });
      return viewOf(user);
    });
  }

  /**
   * Makes a one-time link with which a user, with or without a password, chooses a new one; earlier links end.
   * @throws DomainError `resource.absent` when there is no such user who may sign in
   */
  resetLink(actor: Actor, id: string): Promise<string> {
    return this.db.write(atTheGate(actor), async (tx) => {
      const user = await tx.orm.findOneBy(User, { id, active: true });
      if (!user || !reaches(actor, user)) throw absent();
      tx.audit('password.reset_link', 'user', id);
      return this.linkUrl(await createLink(tx, id));
    });
  }

  /**
   * Forgets the second factors that somebody lost, and ends the sessions; others are set up at the next sign-in.
   * @throws DomainError `resource.absent` when there is no such user who may sign in; `factor.own`: one's own is shown
   * and not forgotten
   */
  async resetFactor(actor: Actor, id: string): Promise<void> {
    if (id === actor.userId) throw conflict('factor.own');
    await this.db.write(atTheGate(actor), async (tx) => {
      if (!(await tx.orm.existsBy(User, { id, active: true }))) throw absent();
      await forgetFactors(tx, id);
      await endSessions(tx, id);
      tx.audit('factor.reset', 'user', id);
    });
  }

  /** The same from the command line, for whoever has this address. @throws Error when nobody has */
  helpWithPassword(email: string): Promise<string> {
    return this.help(email, 'password.reset_link', async (tx, { id }) =>
      this.linkUrl(await createLink(tx, id)),
    );
  }

  /** Forgets a lost second factor and ends the user's sessions; a new one is set up at the next sign-in. */
  helpWithFactor(email: string): Promise<void> {
    return this.help(email, 'factor.reset', async (tx, { id }) => {
      await forgetFactors(tx, id);
      await endSessions(tx, id);
    });
  }

  /** Makes a user an administrator, when nobody is left who could. @throws DomainError for somebody of a partner */
  helpWithAdmin(email: string): Promise<void> {
    return this.help(email, 'user.made_admin', async (tx, { id, roles, organisationId }) => {
      const more: Role[] = [...new Set<Role>([...roles, 'admin'])];
      checkRoles(more, organisationId);
      await tx.query('UPDATE users SET roles = $2 WHERE id = $1', [id, more]);
    });
  }

  private help<T>(email: string, action: string, work: (tx: Tx, user: User) => Promise<T>): Promise<T> {
    return this.db.write(onDuty('gate'), async (tx) => {
      const user = await tx.orm.findOneBy(User, { email: email.toLowerCase(), active: true });
      if (!user) throw new Error(`Nobody signs in as ${email}`);
      tx.audit(action, 'user', user.id, { by: 'command line' });
      return work(tx, user);
    });
  }

  /**
   * For a start with `ADMIN_EMAIL`: makes the administrator when nobody has an account yet, and gives a one-time
   * link for as long as this administrator has chosen no password; null otherwise. Each start gives a new link, so
   * that one which was never read, or ran out, locks nobody out.
   */
  linkForFirstAdmin(email: string): Promise<string | null> {
    return this.db.write(onDuty('gate'), async (tx) => {
      // Two first starts at once: the second waits here, and then finds the first one's administrator.
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('first-admin'))");
      const address = email.toLowerCase();
      if (!(await tx.orm.existsBy(User, {}))) {
        const { id, roles } = await this.add(tx, { email: address, name: email, roles: ['admin'] });
        tx.audit('user.invited', 'user', id, { roles });
      }
      const [waiting] = await tx.query<{ id: string }>(
        `SELECT id FROM users u WHERE email = $1 AND active AND 'admin' = ANY(roles)
         AND NOT EXISTS (SELECT 1 FROM credentials c WHERE c.user_id = u.id)`,
        [address],
      );
      return waiting ? this.linkUrl(await createLink(tx, waiting.id)) : null;
    });
  }

  /** The active administrator with the oldest account, in whose name the command line works; null without one. */
  oldestAdmin(): Promise<User | null> {
    return this.db.read(onDuty('gate'), async (tx) => {
      const [row] = await tx.query<{ id: string }>(
        `SELECT id FROM users WHERE active AND 'admin' = ANY(roles) ORDER BY id LIMIT 1`,
      );
      return row ? tx.orm.findOneBy(User, row) : null;
    });
  }

  /** Makes a user with a password known beforehand, for the demo and tests; one that exists stays as it is. */
  async addWithPassword(input: NewUser, password: string): Promise<User> {
    const passwordHash = await hashPassword(password);
    return this.db.write(onDuty('gate'), async (tx) => {
      const existing = await tx.orm.findOneBy(User, { email: input.email });
      const user = existing ?? (await this.add(tx, input));
      await setPassword(tx, user.id, passwordHash);
      return user;
    });
  }

  private async add(tx: Tx, input: NewUser): Promise<User> {
    checkRoles(input.roles, input.organisationId ?? null);
    const user = tx.orm.create(User, {
      id: newId(),
      ...input,
      organisationId: input.organisationId ?? null,
      active: true,
      createdAt: tx.at,
    });
    try {
      await tx.orm.insert(User, user);
    } catch (error) {
      const { constraint, code } = pgFault(error);
      if (constraint === 'users_email_key') throw conflict('email.taken');
      if (code === FOREIGN_KEY_VIOLATION) throw invalid({ path: 'organisationId', code: 'choice' });
      throw error;
    }
    return user;
  }

  private linkUrl(token: string): string {
    return `${this.runtime.settings.publicUrl}/welcome/${token}`;
  }
}

/** Makes the drafts of somebody who leaves a colleague's. */
async function passOn(tx: Tx, leaver: User, successorId: string): Promise<void> {
  const successor = await tx.orm.findOneBy(User, { id: successorId, active: true });
  const isColleague = leaver.organisationId && successor?.organisationId === leaver.organisationId;
  if (leaver.active || successorId === leaver.id || !isColleague)
    throw invalid({ path: 'successorId', code: 'successor' });
  const drafts = await tx.query<{ id: string }>('SELECT pass_on_drafts($1, $2) AS id', [
    leaver.id,
    successorId,
  ]);
  for (const { id } of drafts) tx.audit('request.passed_on', 'request', id, { to: successorId });
}

const FOREIGN_KEY_VIOLATION = '23503';

const facts = ({ roles, active }: UserView): Record<string, unknown> => ({ roles, active });

/**
 * One account works either for an organisation or for the network. Somebody of the network may belong to an
 * organisation, whose requests they then do not decide.
 */
function checkRoles(roles: readonly Role[], organisationId: string | null): void {
  const partner = roles.filter((role) => PARTNER_ROLES.includes(role)).length;
  if (partner > 0 && partner < roles.length) throw invalid({ path: 'roles', code: 'rolesMixed' });
  if (partner > 0 && !organisationId) throw invalid({ path: 'organisationId', code: 'required' });
}

/** A lead makes and keeps partners of the own organisation, and nobody else. */
function checkReach(actor: Actor, user: { roles: Role[]; organisationId: string | null }): void {
  if (reaches(actor, user)) return;
  const path = user.organisationId === actor.organisationId ? 'roles' : 'organisationId';
  throw invalid({ path, code: 'choice' });
}

async function countAdmins(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `SELECT count(*) FROM users WHERE active AND 'admin' = ANY(roles)`,
  );
  return row!.count;
}
