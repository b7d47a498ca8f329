import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { send } from '../web/replies.js';
import { checksPage } from './checks.page.js';
import { LedgerCheck } from './ledger-check.js';

/** How many nights back the page goes. */
const SHOWN = 30;

@ApiExcludeController()
@Controller('ledger')
export class LedgerPages {
  constructor(
    private readonly views: Views,
    private readonly checks: LedgerCheck,
  ) {}

  /** What the last verifications of the books found. */
  @Get('checks')
  @Can('ledger.checks')
  async page(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const view = await this.views.of(request);
    send(reply, checksPage(view, await this.checks.latest(actor, SHOWN)));
  }
}
