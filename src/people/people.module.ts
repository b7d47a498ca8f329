import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Consent } from './consent.entity.js';
import { Household } from './household.entity.js';
import { IdentitiesApi } from './identities.api.js';
import { IdentitiesService } from './identities.service.js';
import { Matcher } from './matcher.js';
import { PeopleApi } from './people.api.js';
import { PeopleQueries } from './people.queries.js';
import { PeopleService } from './people.service.js';
import './people.words.js';
import { PersonIndex } from './person-index.js';
import { Person } from './person.entity.js';
import { SimilarQueries } from './similar.queries.js';

@Module({
  imports: [TypeOrmModule.forFeature([Person, Household, Consent])],
  controllers: [PeopleApi, IdentitiesApi],
  providers: [PeopleService, PeopleQueries, PersonIndex, Matcher, SimilarQueries, IdentitiesService],
  exports: [PeopleService, PeopleQueries, PersonIndex, Matcher],
})
export class PeopleModule {}
