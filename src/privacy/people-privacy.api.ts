import { Controller, Get, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { DisclosuresView, NewDisclosure } from './disclosures.dto.js';
import { DisclosuresService } from './disclosures.service.js';
import { SheetQuery, SheetView } from './sheet.dto.js';
import { SheetQueries } from './sheet.queries.js';

@ApiTags('people')
@Controller('api/v1/people/:id')
export class PeoplePrivacyApi {
  constructor(
    private readonly sheets: SheetQueries,
    private readonly disclosures: DisclosuresService,
  ) {}

  /** Everything that is kept about a person of the own organisation. */
  @Get('sheet')
  @Can('people.sheet')
  @ApiQuery({ type: SheetQuery })
  @ApiOkResponse({ type: SheetView })
  sheet(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Query(SheetQuery) query: SheetQuery,
  ): Promise<SheetView> {
    return this.sheets.sheet(actor, id, query);
  }

  @Get('disclosures')
  @Can('people.disclose')
  @ApiOkResponse({ type: DisclosuresView })
  async list(@CurrentActor() actor: Actor, @PathId() id: string): Promise<DisclosuresView> {
    const { person, items } = await this.disclosures.of(actor, id);
    return { code: person.code, alias: person.alias, items };
  }

  /** Records to whom data of this one person went. It is never changed afterwards. */
  @Post('disclosures')
  @Can('people.disclose')
  @ApiBody({ type: NewDisclosure })
  @ApiCreatedResponse({ type: DisclosuresView })
  async record(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(NewDisclosure) input: NewDisclosure,
    @OnceKey() once: Once,
  ): Promise<DisclosuresView> {
    await this.disclosures.record(actor, id, input, once);
    return this.list(actor, id);
  }
}
