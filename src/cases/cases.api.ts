import { Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import { CaseChange, CaseListed, CaseView, NewCase, NewEntry, RecordedEntry } from './cases.dto.js';
import { CasesQueries } from './cases.queries.js';
import { CasesService } from './cases.service.js';

@ApiTags('cases')
@Controller('api/v1/cases')
export class CasesApi {
  constructor(
    private readonly cases: CasesService,
    private readonly queries: CasesQueries,
  ) {}

  @Get()
  @Can('cases.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(CaseListed) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<CaseListed>> {
    return this.queries.list(actor, query);
  }

  @Get(':id')
  @Can('cases.read')
  @ApiOkResponse({ type: CaseView })
  read(@CurrentActor() actor: Actor, @PathId() id: string): Promise<CaseView> {
    return this.queries.read(actor, id);
  }

  @Post()
  @Can('cases.manage')
  @ApiBody({ type: NewCase })
  @ApiCreatedResponse({ type: CaseView })
  create(
    @CurrentActor() actor: Actor,
    @Input(NewCase) input: NewCase,
    @OptionalOnceKey() once?: Once,
  ): Promise<CaseView> {
    return this.cases.create(actor, input, once);
  }

  @Patch(':id')
  @Can('cases.manage')
  @ApiBody({ type: CaseChange })
  @ApiOkResponse({ type: CaseView })
  change(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(CaseChange) change: CaseChange,
  ): Promise<CaseView> {
    return this.cases.change(actor, id, change);
  }

  @Post(':id/entries')
  @Can('cases.manage')
  @ApiBody({ type: NewEntry })
  @ApiCreatedResponse({ type: RecordedEntry })
  addEntry(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewEntry) input: NewEntry,
    @OptionalOnceKey() once?: Once,
  ): Promise<RecordedEntry> {
    return this.cases.addEntry(actor, id, input, once);
  }
}
