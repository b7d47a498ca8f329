import { Module } from '@nestjs/common';
import { Views } from '../access/index.js';
import { CasesModule } from '../cases/index.js';
import { GrantsModule } from '../grants/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { PeopleModule } from '../people/index.js';
import { BreachApi } from './breach.api.js';
import { BreachPages } from './breach.pages.js';
import { BreachQueries } from './breach.queries.js';
import { BreachService } from './breach.service.js';
import './breach.words.js';
import { DisclosuresService } from './disclosures.service.js';
import { ExposureQueries } from './exposure.queries.js';
import { PeoplePrivacyApi } from './people-privacy.api.js';
import { PeoplePrivacyPages } from './people-privacy.pages.js';
import { SheetQueries } from './sheet.queries.js';
import './sheet.words.js';

@Module({
  imports: [OrganisationsModule, PeopleModule, CasesModule, GrantsModule],
  controllers: [BreachApi, BreachPages, PeoplePrivacyApi, PeoplePrivacyPages],
  providers: [ExposureQueries, BreachQueries, BreachService, DisclosuresService, SheetQueries],
})
export class PrivacyModule {
  constructor(views: Views, breaches: BreachQueries) {
    views.addPlace({ href: '/privacy/breaches', label: 'breach:place', action: 'breaches.read', order: 75 });
    views.addAlarm({
      href: '/privacy/breaches',
      words: 'breach:alarm',
      action: 'breaches.manage',
      rings: (actor) => breaches.anyOverdue(actor),
    });
  }
}
