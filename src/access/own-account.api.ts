import { Controller, Delete, Get, HttpCode, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PathId } from '../platform/input.js';
import { ApiKeyList, SessionList } from './access.dto.js';
import { Can, CurrentUser } from './access.guard.js';
import { ApiKeys } from './api-keys.service.js';
import { Sessions } from './sessions.service.js';
import { User } from './user.entity.js';

/** Everybody's own sessions and keys. */
@ApiTags('access')
@Can('account.own')
@Controller('api/v1')
export class OwnAccountApi {
  constructor(
    private readonly sessions: Sessions,
    private readonly keys: ApiKeys,
  ) {}

  @Get('sessions')
  @ApiOkResponse({ type: SessionList })
  async listSessions(@Req() request: FastifyRequest, @CurrentUser() user: User): Promise<SessionList> {
    const sessions = await this.sessions.list(user.id);
    const items = sessions.map((session) => ({ ...session, current: session.id === request.session?.id }));
    return { items, nextCursor: null };
  }

  @Delete('sessions')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'All sessions have ended but the one that asks' })
  endOtherSessions(@Req() request: FastifyRequest, @CurrentUser() user: User): Promise<void> {
    return this.sessions.endOthers(user.id, request.session?.id ?? null);
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The session has ended' })
  endSession(@CurrentUser() user: User, @PathId() id: string): Promise<void> {
    return this.sessions.end(user.id, id);
  }

  @Get('api-keys')
  @ApiOkResponse({ type: ApiKeyList })
  async listKeys(@CurrentUser() user: User): Promise<ApiKeyList> {
    return { items: await this.keys.list(user.id), nextCursor: null };
  }

  @Delete('api-keys/:id')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The key has ended' })
  endKey(@CurrentUser() user: User, @PathId() id: string): Promise<void> {
    return this.keys.end(user.id, id);
  }
}
