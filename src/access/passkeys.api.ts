import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public, siteOf } from '../platform/http.js';
import { Input, PathId } from '../platform/input.js';
import { Runtime } from '../platform/runtime.js';
import { cookieOptions } from './access.api.js';
import { AddedPasskey, NewPasskey, PasskeyAnswer, PasskeyList } from './access.dto.js';
import { Can, CurrentSession, CurrentUser, Halfway, SESSION_COOKIE, StepUp } from './access.guard.js';
import { Passkeys } from './passkeys.service.js';
import type { Session } from './sessions.service.js';
import { originOf, SignInService } from './sign-in.service.js';
import { User } from './user.entity.js';

/** Passkeys. Options go into the browser's `navigator.credentials`, and its answer comes back as JSON text. */
@ApiTags('access')
@Can('account.own')
@Controller('api/v1')
export class PasskeysApi {
  constructor(
    private readonly passkeys: Passkeys,
    private readonly signInService: SignInService,
    private readonly runtime: Runtime,
  ) {}

  @Post('session/passkey/options')
  @Public()
  @HttpCode(200)
  @ApiOkResponse({ description: 'WebAuthn request options, the same for everybody but for their challenge' })
  signInOptions(@Req() request: FastifyRequest): Promise<object> {
    return this.passkeys.signInOptions(this.siteOf(request));
  }

  @Post('session/passkey')
  @Public()
  @HttpCode(204)
  @ApiBody({ type: PasskeyAnswer })
  @ApiNoContentResponse({ description: 'Signed in; the session is in a cookie' })
  async signIn(
    @Req() request: FastifyRequest,
    @Input(PasskeyAnswer) { answer }: PasskeyAnswer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { token } = await this.signInService.signInWithPasskey(
      answer,
      originOf(request),
      this.siteOf(request),
    );
    reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
  }

  @Post('session/second-factor/options')
  @Halfway()
  @HttpCode(200)
  @ApiOkResponse({ description: 'WebAuthn request options for this session' })
  confirmOptions(@Req() request: FastifyRequest, @CurrentSession() session: Session): Promise<object> {
    return this.passkeys.confirmOptions({ site: this.siteOf(request), session });
  }

  @Get('passkeys')
  @ApiOkResponse({ type: PasskeyList })
  async list(@CurrentUser() user: User): Promise<PasskeyList> {
    return { items: await this.passkeys.list(user.id), nextCursor: null };
  }

  @Post('passkeys/options')
  @Halfway()
  @StepUp()
  @HttpCode(200)
  @ApiOkResponse({ description: 'WebAuthn creation options for this session' })
  creationOptions(@Req() request: FastifyRequest, @CurrentSession() session: Session): Promise<object> {
    return this.passkeys.creationOptions({ site: this.siteOf(request), session });
  }

  @Post('passkeys')
  @Halfway()
  @StepUp()
  @ApiBody({ type: NewPasskey })
  @ApiCreatedResponse({ type: AddedPasskey })
  async add(
    @Req() request: FastifyRequest,
    @CurrentSession() session: Session,
    @Input(NewPasskey) { name, answer }: NewPasskey,
  ): Promise<AddedPasskey> {
    const site = this.siteOf(request);
    return { recoveryCodes: await this.passkeys.add({ site, session }, name, answer) };
  }

  @Delete('passkeys/:id')
  @StepUp()
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The passkey no longer lets anybody in' })
  remove(@CurrentUser() user: User, @PathId() id: string): Promise<void> {
    return this.passkeys.remove(user, id);
  }

  private siteOf(request: FastifyRequest): string {
    return siteOf(request, this.runtime.settings);
  }
}
