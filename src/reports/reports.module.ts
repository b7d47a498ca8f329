import { Module } from '@nestjs/common';
import { Views } from '../access/index.js';
import { ReportsApi } from './reports.api.js';
import { ReportsPages } from './reports.pages.js';
import { ReportsQueries } from './reports.queries.js';
import './reports.words.js';

@Module({
  controllers: [ReportsApi, ReportsPages],
  providers: [ReportsQueries],
  exports: [ReportsQueries],
})
export class ReportsModule {
  constructor(views: Views) {
    views.addPlace({ href: '/reports', label: 'reports:place', action: 'reports.read', order: 40 });
  }
}
