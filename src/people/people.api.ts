import { Controller, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey, OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import { HouseholdsService } from './households.service.js';
import {
  HouseholdChange,
  NewPerson,
  PersonChange,
  PersonListed,
  PersonSearch,
  PersonView,
  Reveal,
} from './people.dto.js';
import { PeoplePageQueries } from './people-page.queries.js';
import { PeopleQueries } from './people.queries.js';
import { PeopleService } from './people.service.js';
import { RevealsService } from './reveals.service.js';

@ApiTags('people')
@Controller('api/v1/people')
export class PeopleApi {
  constructor(
    private readonly people: PeopleService,
    private readonly queries: PeopleQueries,
    private readonly pageQueries: PeoplePageQueries,
    private readonly households: HouseholdsService,
    private readonly reveals: RevealsService,
  ) {}

  @Get()
  @Can('people.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(PersonListed) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<PersonListed>> {
    return this.queries.list(actor, query);
  }

  /** By whole name, reading, birthday or code. What is looked for stands in no address. */
  @Post('search')
  @HttpCode(200)
  @Can('people.manage')
  @ApiBody({ type: PersonSearch })
  @ApiOkResponse({ type: PageOf(PersonListed) })
  async search(
    @CurrentActor() actor: Actor,
    @Input(PersonSearch) input: PersonSearch,
  ): Promise<Page<PersonListed>> {
    return { items: await this.pageQueries.search(actor, input), nextCursor: null };
  }

  @Get(':id')
  @Can('people.read')
  @ApiOkResponse({ type: PersonView })
  read(@CurrentActor() actor: Actor, @PathId() id: string): Promise<PersonView> {
    return this.queries.read(actor, id);
  }

  @Post()
  @Can('people.manage')
  @ApiBody({ type: NewPerson })
  @ApiCreatedResponse({ type: PersonView })
  create(
    @CurrentActor() actor: Actor,
    @Input(NewPerson) input: NewPerson,
    @OptionalOnceKey() once?: Once,
  ): Promise<PersonView> {
    return this.people.create(actor, input, once);
  }

  @Patch(':id')
  @Can('people.manage')
  @ApiBody({ type: PersonChange })
  @ApiOkResponse({ type: PersonView })
  change(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(PersonChange) change: PersonChange,
  ): Promise<PersonView> {
    return this.people.change(actor, id, change);
  }

  /** Takes a consent back; it takes effect at once. */
  @Post(':id/consents/:consentId/withdraw')
  @HttpCode(200)
  @Can('people.manage')
  @ApiOkResponse({ type: PersonView })
  withdrawConsent(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @PathId('consentId') consentId: string,
    @OnceKey() once: Once,
  ): Promise<PersonView> {
    return this.people.withdrawConsent(actor, id, consentId, once);
  }

  /** With whom the person is helped together from now on; what was asked for stays as it was. */
  @Post(':id/household')
  @HttpCode(200)
  @Can('people.manage')
  @ApiBody({ type: HouseholdChange })
  @ApiOkResponse({ type: PersonView })
  changeHousehold(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(HouseholdChange) change: HouseholdChange,
    @OptionalOnceKey() once?: Once,
  ): Promise<PersonView> {
    return this.households.change(actor, id, change, once);
  }

  /** Opens what is sealed of a person to staff, for a reason, in this answer alone. */
  @Post(':id/reveal')
  @HttpCode(200)
  @Can('people.reveal')
  @ApiBody({ type: Reveal })
  @ApiOkResponse({ type: PersonView })
  reveal(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(Reveal) input: Reveal,
  ): Promise<PersonView> {
    return this.reveals.reveal(actor, id, input);
  }
}
