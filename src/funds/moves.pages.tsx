import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor, may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { Db, type Once } from '../platform/db.js';
import { parse } from '../platform/fields.js';
import { OnceKey } from '../platform/http.js';
import { PathId } from '../platform/input.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import type { ShownForm } from './fund-forms.js';
import { FundsQueries } from './funds.queries.js';
import { MoveComment, MovesQuery } from './moves.dto.js';
import { movesPage } from './moves.page.js';
import { MovesQueries } from './moves.queries.js';
import { MovesService } from './moves.service.js';
import { carryOut, type Fields, type Sent } from './sent-forms.js';

const LAST_DECIDED = 20;

const byId = <T extends { id: string }>(rows: T[]) => new Map(rows.map((row) => [row.id, row]));

@ApiExcludeController()
@Controller('moves')
export class MovesPages {
  constructor(
    private readonly views: Views,
    private readonly db: Db,
    private readonly moves: MovesService,
    private readonly queries: MovesQueries,
    private readonly funds: FundsQueries,
  ) {}

  @Get()
  @Can('funds.read')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const view = await this.views.of(request);
    send(reply, await this.page(view, actor, { values: {}, errors: [] }));
  }

  @Post(':id/agree')
  @Can('moves.agree')
  agree(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'moved', (comment) =>
      this.moves.agree(actor, id, comment, once),
    );
  }

  @Post(':id/refuse')
  @Can('moves.agree')
  refuse(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'moveRefused', (comment) =>
      this.moves.refuse(actor, id, comment, once),
    );
  }

  @Post(':id/withdraw')
  @Can('funds.manage')
  withdraw(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @OnceKey() once: Once,
    @Body() body: Fields,
  ) {
    return this.carryOut({ request, reply, actor, id, body }, 'moveWithdrawn', () =>
      this.moves.withdraw(actor, id, once),
    );
  }

  private carryOut(sent: Sent, done: string, work: (comment?: string) => Promise<unknown>): Promise<void> {
    return carryOut(this.views, sent, sent.id, {
      work: async (fields) => {
        await work(parse(MoveComment, fields).comment);
        return `/moves?done=funds.${done}`;
      },
      page: (view, form) => this.page(view, sent.actor, form),
    });
  }

  private async page(view: View, actor: Actor, form: ShownForm): Promise<string> {
    const shown = await this.db.read(actor, async (tx) => {
      const waiting = await this.queries.listIn(tx, parse(MovesQuery, { status: 'waiting' }));
      const decided = await this.queries.decided(tx, LAST_DECIDED);
      const all = [...waiting.items, ...decided];
      const idsOf = (...names: ('fromLineId' | 'toLineId' | 'fundId' | 'toFundId')[]): string[] => [
        ...new Set(all.flatMap((move) => names.map((name) => move[name])).filter((id) => id !== null)),
      ];
      const lines = await this.funds.lineFacts(tx, idsOf('fromLineId', 'toLineId'));
      const funds = await this.funds.names(tx, idsOf('fundId', 'toFundId'));
      return { waiting: waiting.items, decided, lines: byId(lines), funds: byId(funds) };
    });
    return movesPage(view, { ...shown, form, me: actor.userId!, mayAgree: may(actor, 'moves.agree') });
  }
}
