import { Column, Entity, PrimaryColumn } from 'typeorm';
import { PARTNER_ROLES, type Actor, type Role, type Through } from '../kernel/actor.js';

/** Somebody who signs in: of a partner organisation, or of the network when `organisationId` is null. */
@Entity('users')
export class User {
  @PrimaryColumn('uuid')
  id: string;

  /** In lower case, unique. */
  @Column('text')
  email: string;

  @Column('text')
  name: string;

  @Column({ type: 'text', array: true })
  roles: Role[];

  @Column({ type: 'uuid', name: 'organisation_id', nullable: true })
  organisationId: string | null;

  @Column({ type: 'uuid', name: 'organisation_key', insert: false, update: false, select: false })
  organisationKey?: string;

  @Column('boolean')
  active: boolean;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}

/** The columns of `users u` as a `User`, for queries that join more. */
export const USER_COLUMNS = `u.id, u.email, u.name, u.roles, u.organisation_id AS "organisationId", u.active,
  u.created_at AS "createdAt"`;

/** The user as one who asks, and through what. */
export const actorOf = (user: Pick<User, 'id' | 'organisationId' | 'roles'>, through?: Through): Actor => ({
  userId: user.id,
  organisationId: user.roles.some((role) => PARTNER_ROLES.includes(role)) ? user.organisationId : null,
  memberOf: user.organisationId,
  roles: user.roles,
  duties: [],
  through,
});
