import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { conflict } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import { siteOf } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { Runtime } from '../platform/runtime.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { NewPasskey } from './access.dto.js';
import { Can, CurrentSession, Halfway, StepUp } from './access.guard.js';
import { codesPage } from './account.page.js';
import { withDone } from './back.js';
import { deviceOf } from './device.js';
import { KeptForms } from './kept-forms.js';
import { onwardOf } from './onward.js';
import { addPasskeyPage } from './passkey.page.js';
import { Passkeys } from './passkeys.service.js';
import type { Session } from './sessions.service.js';
import { continuePage } from './sign-in.page.js';
import { Views } from './views.js';

/** Adds the own passkeys and takes them away; the first one may be what a session lacks. */
@ApiExcludeController()
@Can('account.own')
@Controller('account/passkeys')
export class PasskeysPages {
  constructor(
    private readonly views: Views,
    private readonly passkeys: Passkeys,
    private readonly kept: KeptForms,
    private readonly runtime: Runtime,
  ) {}

  @Get('new')
  async newPasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('back') back?: string) {
    const values = { ...onwardOf({ back }), name: deviceOf(request.headers['user-agent']) ?? '' };
    send(reply, addPasskeyPage(await this.views.of(request), { values, errors: [] }));
  }

  @Post()
  @Halfway()
  @StepUp()
  async add(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() session: Session,
    @Body() body: Record<string, unknown>,
  ) {
    const onward = onwardOf(body);
    try {
      // Sent without script, or before the check that came between: the button is still to be pressed.
      if (!body?.answer) throw conflict('passkey.press');
      const { name, answer } = parse(NewPasskey, { name: body.name, answer: body.answer });
      const site = siteOf(request, this.runtime.settings);
      const codes = await this.passkeys.add({ site, session }, name, answer);
      request.user = session.user;
      const view = await this.views.of(request);
      const form = this.kept.open(onward.kept);
      if (codes.length > 0) return send(reply, codesPage(view, codes, onward.back, form));
      if (form) return send(reply, continuePage(view, form));
      redirect(reply, withDone(onward.back, 'account.passkey'));
    } catch (error) {
      const view = await this.views.of(request);
      const refused = refusedForm(error, view.language);
      const values = { ...onward, name: body?.name };
      send(reply, addPasskeyPage(view, { values, ...refused }), refused.status);
    }
  }

  @Post(':id/remove')
  @StepUp()
  async remove(@Res() reply: FastifyReply, @CurrentSession() { user }: Session, @PathId() id: string) {
    await this.passkeys.remove(user, id);
    redirect(reply, '/account?done=account.passkeyGone');
  }
}
