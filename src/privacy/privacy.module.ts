import { Module } from '@nestjs/common';
import { Views } from '../access/index.js';
import { ImportsModule } from '../imports/index.js';
import { PeopleModule } from '../people/index.js';
import { DeletionApi } from './deletion.api.js';
import { DeletionPages } from './deletion.pages.js';
import { DeletionService } from './deletion.service.js';
import { ForgettingService } from './forgetting.service.js';
import { HoldsApi } from './holds.api.js';
import { HoldsPages } from './holds.pages.js';
import { HoldsService } from './holds.service.js';
import { RetentionApi } from './retention.api.js';
import { RetentionPages } from './retention.pages.js';
import { RetentionService } from './retention.service.js';
import './privacy.words.js';
import { TombstoneFile } from './tombstone-file.js';

@Module({
  imports: [PeopleModule, ImportsModule],
  controllers: [RetentionApi, RetentionPages, HoldsApi, HoldsPages, DeletionApi, DeletionPages],
  providers: [RetentionService, ForgettingService, HoldsService, DeletionService, TombstoneFile],
  exports: [ForgettingService],
})
export class PrivacyModule {
  constructor(views: Views, deletions: DeletionService) {
    views.addPlace({ href: '/privacy', label: 'privacy:place', action: 'privacy.retention', order: 75 });
    views.addPlace({
      href: '/privacy/deletions',
      label: 'privacy:deletions.place',
      action: 'privacy.manage',
      order: 76,
      waiting: (actor) => deletions.countWaiting(actor),
    });
    views.addPlace({ href: '/deletions', label: 'privacy:own.place', action: 'people.deletion', order: 77 });
  }
}
