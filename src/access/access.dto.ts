import { ApiProperty, OmitType } from '@nestjs/swagger';
import { ROLES, type Role } from '../kernel/actor.js';
import { IsFlag, IsId, IsMail, IsSecret, IsSomeOf, IsText } from '../platform/fields.js';
import { PASSWORD_MIN } from './secrets.js';

export class SignIn {
  @IsMail()
  email: string;

  @IsSecret({ min: 1 })
  password: string;

  /** The second factor; no account has one yet. */
  @IsText({ max: 20, optional: true })
  otp?: string;
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

export class UserChange {
  @IsText({ max: 100, optional: true })
  name?: string;

  @IsSomeOf(ROLES, { min: 1, optional: true })
  roles?: Role[];

  @IsFlag()
  active?: boolean;
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

export class InvitedUser extends UserView {
  @ApiProperty({ description: 'A one-time link with which the new user chooses a password; shown only now' })
  invitationUrl: string;
}

export class Me extends OmitType(UserView, ['active']) {
  @ApiProperty({ isArray: true, type: String, description: 'What the table of permissions allows' })
  permissions: string[];
}
