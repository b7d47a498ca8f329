import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { LedgerModule } from '../ledger/index.js';
import { HistoryImport } from './history-import.js';
import { HistoryWriting } from './history-writing.js';
import { ImportFiles } from './import-files.js';
import { ImportRun } from './import-run.js';
import { Import } from './import.entity.js';
import { ImportsApi } from './imports.api.js';
import { ImportsJobs } from './imports.jobs.js';
import { ImportsPages } from './imports.pages.js';
import { ImportsQueries } from './imports.queries.js';
import { ImportsService } from './imports.service.js';
import './imports.words.js';
import { OrganisationImport } from './organisation-import.js';
import { PastPeople } from './past-people.js';

@Module({
  imports: [TypeOrmModule.forFeature([Import]), LedgerModule],
  controllers: [ImportsApi, ImportsPages],
  providers: [
    ImportsService,
    ImportsQueries,
    ImportsJobs,
    ImportRun,
    ImportFiles,
    HistoryImport,
    HistoryWriting,
    PastPeople,
    OrganisationImport,
  ],
  exports: [ImportsService],
})
export class ImportsModule {
  constructor(views: Views) {
    views.addPlace({ href: '/imports', label: 'imports:place', action: 'imports.run', order: 60 });
  }
}
