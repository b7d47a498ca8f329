import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Consent } from './consent.entity.js';
import { Household } from './household.entity.js';
import { PeopleApi } from './people.api.js';
import { PeopleQueries } from './people.queries.js';
import { PeopleService } from './people.service.js';
import './people.words.js';
import { Person } from './person.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Person, Household, Consent])],
  controllers: [PeopleApi],
  providers: [PeopleService, PeopleQueries],
  exports: [PeopleService, PeopleQueries],
})
export class PeopleModule {}
