import { Module } from '@nestjs/common';
import { Views } from '../access/index.js';
import { CasesModule } from '../cases/index.js';
import { GrantsModule } from '../grants/index.js';
import { ImportsModule } from '../imports/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { PeopleModule } from '../people/index.js';
import { BreachApi } from './breach.api.js';
import { BreachPages } from './breach.pages.js';
import { BreachQueries } from './breach.queries.js';
import { BreachService } from './breach.service.js';
import './breach.words.js';
import { DeletionApi } from './deletion.api.js';
import { DeletionPages } from './deletion.pages.js';
import { DeletionService } from './deletion.service.js';
import { DisclosuresService } from './disclosures.service.js';
import { ExposureQueries } from './exposure.queries.js';
import { ForgettingService } from './forgetting.service.js';
import { HoldsApi } from './holds.api.js';
import { HoldsPages } from './holds.pages.js';
import { HoldsService } from './holds.service.js';
import { PeoplePrivacyApi } from './people-privacy.api.js';
import { PeoplePrivacyPages } from './people-privacy.pages.js';
import './privacy.words.js';
import { RetentionApi } from './retention.api.js';
import { RetentionPages } from './retention.pages.js';
import { RetentionService } from './retention.service.js';
import { SheetQueries } from './sheet.queries.js';
import './sheet.words.js';
import { TombstoneFile } from './tombstone-file.js';

@Module({
  imports: [OrganisationsModule, PeopleModule, CasesModule, GrantsModule, ImportsModule],
  controllers: [
    RetentionApi,
    RetentionPages,
    HoldsApi,
    HoldsPages,
    DeletionApi,
    DeletionPages,
    BreachApi,
    BreachPages,
    PeoplePrivacyApi,
    PeoplePrivacyPages,
  ],
  providers: [
    RetentionService,
    ForgettingService,
    HoldsService,
    DeletionService,
    TombstoneFile,
    ExposureQueries,
    BreachQueries,
    BreachService,
    DisclosuresService,
    SheetQueries,
  ],
  exports: [ForgettingService],
})
export class PrivacyModule {
  constructor(views: Views, deletions: DeletionService, breaches: BreachQueries) {
    views.addPlace({
      href: '/privacy',
      label: 'privacy:place',
      action: 'privacy.retention',
      order: 75,
      waiting: (actor) => deletions.countWaiting(actor),
    });
    views.addAlarm({
      href: '/privacy/breaches',
      words: 'breach:alarm',
      action: 'breaches.manage',
      rings: (actor) => breaches.anyOverdue(actor),
    });
  }
}
