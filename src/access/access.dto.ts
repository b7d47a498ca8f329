import { ApiProperty, OmitType } from '@nestjs/swagger';
import { ROLES, type Role } from '../kernel/actor.js';
import { IsFlag, IsId, IsMail, IsOneOf, IsSecret, IsSomeOf, IsText } from '../platform/fields.js';
import { PageQuery } from '../platform/pages.js';
import { SCOPES, type Scope } from './api-keys.service.js';
import { PASSWORD_MIN } from './secrets.js';

export class SignIn {
  @IsMail()
  email: string;

  @IsSecret({ min: 1 })
  password: string;

  /** A code of the second factor, for an account that has one; a recovery code does too. */
  @IsText({ max: 20, optional: true })
  otp?: string;
}

/** What a passkey answers is longer than any code. */
const ANSWER_MAX = 20_000;

/** A code of an authenticator, a recovery code, or what a passkey answered, as JSON. */
export class ProofInput {
  @IsText({ max: ANSWER_MAX })
  code: string;
}

export class FactorInput {
  /** A code, a recovery code, or what a passkey answered to `session/second-factor/options`, as JSON. */
  @IsText({ max: ANSWER_MAX })
  otp: string;
}

/** The first code of a second factor that was offered. */
export class FactorOffer {
  @IsText({ max: 20 })
  code: string;

  @IsSecret({ min: 1, max: 500 })
  sealed: string;
}

/** What a passkey answered, as JSON. */
export class PasskeyAnswer {
  @IsSecret({ min: 1, max: ANSWER_MAX })
  answer: string;
}

export class NewPasskey extends PasskeyAnswer {
  @IsText({ max: 60 })
  name: string;
}

export class PasskeyItem {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty({ type: Date, nullable: true })
  lastUsedAt: Date | null;
}

export class PasskeyList {
  @ApiProperty({ type: PasskeyItem, isArray: true })
  items: PasskeyItem[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}

export class AddedPasskey {
  @ApiProperty({
    isArray: true,
    type: String,
    description: 'With the first factor of an account; shown only now',
  })
  recoveryCodes: string[];
}

export class PasswordChange {
  @IsSecret({ min: 1 })
  present: string;

  @IsSecret({ min: PASSWORD_MIN })
  password: string;
}

export class NewApiKey {
  @IsText({ max: 100 })
  name: string;

  @IsOneOf(SCOPES)
  scope: Scope;
}

export class SessionItem {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ description: 'The kind of browser and system; empty when it did not say' })
  device: string;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  lastSeenAt: Date;

  @ApiProperty({ description: 'Whether it is the session that asks' })
  current: boolean;
}

export class ApiKeyItem {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, nullable: true })
  name: string | null;

  @ApiProperty({ enum: SCOPES })
  scope: Scope;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  expiresAt: Date;

  @ApiProperty({ type: Date, nullable: true })
  lastUsedAt: Date | null;
}

export class SessionList {
  @ApiProperty({ type: SessionItem, isArray: true })
  items: SessionItem[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}

export class ApiKeyList {
  @ApiProperty({ type: ApiKeyItem, isArray: true })
  items: ApiKeyItem[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}

export class NewPassword {
  @IsSecret({ min: 20 })
  token: string;

  @IsSecret({ min: PASSWORD_MIN })
  password: string;
}

export class NewUser {
  @IsMail()
  email: string;

  @IsText({ max: 100 })
  name: string;

  @IsSomeOf(ROLES, { min: 1 })
  roles: Role[];

  @IsId({ optional: true })
  organisationId?: string;
}

export class UserQuery extends PageQuery {
  @IsOneOf(ROLES, { optional: true })
  role?: Role;

  @IsFlag()
  active?: boolean;
}

/** What the page of users searches for; names and addresses stay out of addresses of pages. */
export class UserSearch extends UserQuery {
  @IsText({ max: 100, optional: true })
  text?: string;
}

/** What the page of one user sends. */
export class UserForm {
  @IsText({ max: 100 })
  name: string;

  @IsSomeOf(ROLES, { min: 1, optional: true })
  roles?: Role[];
}

export class UserChange {
  @IsText({ max: 100, optional: true })
  name?: string;

  @IsSomeOf(ROLES, { min: 1, optional: true })
  roles?: Role[];

  @IsFlag()
  active?: boolean;

  /** When the account ends: the colleague of the same organisation whose its drafts become. */
  @IsId({ optional: true })
  successorId?: string;
}

export class UserView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  email: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ enum: ROLES, isArray: true })
  roles: Role[];

  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  organisationId: string | null;

  @ApiProperty()
  active: boolean;
}

export class ResetLink {
  @ApiProperty({ description: 'A one-time link with which the user chooses a new password; shown only now' })
  resetUrl: string;
}

export class InvitedUser extends UserView {
  @ApiProperty({ description: 'A one-time link with which the new user chooses a password; shown only now' })
  invitationUrl: string;
}

export class Me extends OmitType(UserView, ['active']) {
  @ApiProperty({ isArray: true, type: String, description: 'What the table of permissions allows' })
  permissions: string[];
}
