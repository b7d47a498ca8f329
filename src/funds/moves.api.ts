import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, type Page } from '../platform/pages.js';
import { MoveComment, MovesQuery, MoveView, NewMove } from './moves.dto.js';
import { MovesQueries } from './moves.queries.js';
import { MovesService } from './moves.service.js';

@ApiTags('budget transfers')
@Controller('api/v1/budget-transfers')
export class MovesApi {
  constructor(
    private readonly moves: MovesService,
    private readonly queries: MovesQueries,
  ) {}

  @Get()
  @Can('funds.read')
  @ApiQuery({ type: MovesQuery })
  @ApiOkResponse({ type: PageOf(MoveView) })
  list(@CurrentActor() actor: Actor, @Query(MovesQuery) query: MovesQuery): Promise<Page<MoveView>> {
    return this.queries.list(actor, query);
  }

  @Post()
  @Can('funds.manage')
  @ApiBody({ type: NewMove })
  @ApiCreatedResponse({ type: MoveView, description: 'Done, or waiting for a second person' })
  ask(
    @CurrentActor() actor: Actor,
    @Input(NewMove) input: NewMove,
    @OnceKey() once: Once,
  ): Promise<MoveView> {
    return this.moves.ask(actor, input, once);
  }

  @Post(':id/agree')
  @HttpCode(200)
  @Can('moves.agree')
  @ApiBody({ type: MoveComment })
  @ApiOkResponse({ type: MoveView })
  agree(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(MoveComment) { comment }: MoveComment,
    @OnceKey() once: Once,
  ): Promise<MoveView> {
    return this.moves.agree(actor, id, comment, once);
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @Can('moves.agree')
  @ApiBody({ type: MoveComment })
  @ApiOkResponse({ type: MoveView })
  refuse(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(MoveComment) { comment }: MoveComment,
    @OnceKey() once: Once,
  ): Promise<MoveView> {
    return this.moves.refuse(actor, id, comment, once);
  }

  @Post(':id/withdraw')
  @HttpCode(200)
  @Can('funds.manage')
  @ApiOkResponse({ type: MoveView })
  withdraw(@CurrentActor() actor: Actor, @PathId() id: string, @OnceKey() once: Once): Promise<MoveView> {
    return this.moves.withdraw(actor, id, once);
  }
}
