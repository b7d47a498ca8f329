import { Controller, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OnceKey, OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import { NewPerson, PersonChange, PersonListed, PersonView } from './people.dto.js';
import { PeopleQueries } from './people.queries.js';
import { PeopleService } from './people.service.js';

@ApiTags('people')
@Controller('api/v1/people')
export class PeopleApi {
  constructor(
    private readonly people: PeopleService,
    private readonly queries: PeopleQueries,
  ) {}

  @Get()
  @Can('people.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(PersonListed) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<PersonListed>> {
    return this.queries.list(actor, query);
  }

  @Get(':id')
  @Can('people.read')
  @ApiOkResponse({ type: PersonView })
  read(@CurrentActor() actor: Actor, @PathId() id: string): Promise<PersonView> {
    return this.queries.read(actor, id);
  }

  @Post()
  @Can('people.manage')
  @ApiHeader({ name: 'Idempotency-Key' })
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
}
