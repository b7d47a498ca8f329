import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PeopleModule } from '../people/index.js';
import { Case } from './case.entity.js';
import { CaseEntry } from './case-entry.entity.js';
import { CasesApi } from './cases.api.js';
import { CasesQueries } from './cases.queries.js';
import { CasesService } from './cases.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Case, CaseEntry]), PeopleModule],
  controllers: [CasesApi],
  providers: [CasesService, CasesQueries],
  exports: [CasesService, CasesQueries],
})
export class CasesModule {}
