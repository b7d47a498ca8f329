import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { Consent } from './consent.entity.js';
import { Household } from './household.entity.js';
import { HouseholdsService } from './households.service.js';
import { IdentitiesApi } from './identities.api.js';
import { IdentitiesService } from './identities.service.js';
import { Matcher } from './matcher.js';
import { PeopleApi } from './people.api.js';
import { PeoplePageQueries } from './people-page.queries.js';
import { PeoplePages } from './people.pages.js';
import { PeopleQueries } from './people.queries.js';
import { PeopleService } from './people.service.js';
import './people.words.js';
import { PersonIndex } from './person-index.js';
import { Person } from './person.entity.js';
import { RevealsService } from './reveals.service.js';
import { SimilarPages } from './similar.pages.js';
import { SimilarQueries } from './similar.queries.js';

@Module({
  imports: [TypeOrmModule.forFeature([Person, Household, Consent])],
  controllers: [PeopleApi, IdentitiesApi, PeoplePages, SimilarPages],
  providers: [
    PeopleService,
    PeopleQueries,
    PeoplePageQueries,
    HouseholdsService,
    RevealsService,
    PersonIndex,
    Matcher,
    SimilarQueries,
    IdentitiesService,
  ],
  exports: [PeopleService, PeopleQueries, HouseholdsService, PersonIndex, Matcher, SimilarQueries],
})
export class PeopleModule {
  constructor(views: Views) {
    views.addPlace({ href: '/people', label: 'people:place', action: 'people.manage', order: 15 });
  }
}
