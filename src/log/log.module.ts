import { Module } from '@nestjs/common';
import { Views } from '../access/index.js';
import { Denials } from './denials.js';
import { LogApi } from './log.api.js';
import { LogPages } from './log.pages.js';
import { LogQueries } from './log.queries.js';
import { LogSeals } from './log-seals.js';
import './log.words.js';

@Module({
  controllers: [LogApi, LogPages],
  providers: [LogQueries, LogSeals, Denials],
  exports: [LogSeals, Denials],
})
export class LogModule {
  constructor(views: Views) {
    views.addPlace({ href: '/log', label: 'log:place', action: 'log.read', order: 70 });
  }
}
