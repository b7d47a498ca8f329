import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { CasesModule } from '../cases/index.js';
import { FundsModule } from '../funds/index.js';
import { LedgerModule } from '../ledger/index.js';
import { OrganisationsModule } from '../organisations/index.js';
import { PeopleModule } from '../people/index.js';
import { AttachmentKeys } from './attachment-keys.js';
import { AttachmentsApi } from './attachments.api.js';
import { AttachmentsService } from './attachments.service.js';
import { AwardsService } from './awards.service.js';
import { BesideRequestQueries } from './beside-request.queries.js';
import { CommitmentsService } from './commitments.service.js';
import { DecisionQueries } from './decision.queries.js';
import { DecisionsService } from './decisions.service.js';
import { DraftsService } from './drafts.service.js';
import { FilingPages } from './filing.pages.js';
import { FilingScreen } from './filing.screen.js';
import { FilingService } from './filing.service.js';
import './filing.words.js';
import { Award, GrantRequest, RequestLine } from './grant-request.entity.js';
import { GrantsApi } from './grants.api.js';
import { GrantsPages } from './grants.pages.js';
import { GrantsQueries } from './grants.queries.js';
import './grants.words.js';
import { HintQueries } from './hint.queries.js';
import { OwnRequestsQueries } from './own-requests.queries.js';
import { PoliciesApi } from './policies.api.js';
import { PoliciesPages } from './policies.pages.js';
import { PoliciesQueries } from './policies.queries.js';
import { PoliciesService } from './policies.service.js';
import './policies.words.js';
import { ApprovalPolicy } from './policy.entity.js';
import { RequestScreen } from './request-screen.js';
import { RequestWriting } from './request-writing.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([GrantRequest, RequestLine, Award, ApprovalPolicy]),
    OrganisationsModule,
    PeopleModule,
    CasesModule,
    FundsModule,
    LedgerModule,
  ],
  controllers: [GrantsApi, AttachmentsApi, GrantsPages, FilingPages, PoliciesApi, PoliciesPages],
  providers: [
    GrantsQueries,
    BesideRequestQueries,
    HintQueries,
    OwnRequestsQueries,
    RequestScreen,
    RequestWriting,
    PoliciesQueries,
    FilingService,
    FilingScreen,
    DraftsService,
    DecisionQueries,
    DecisionsService,
    CommitmentsService,
    AwardsService,
    AttachmentsService,
    AttachmentKeys,
    PoliciesService,
  ],
  exports: [
    GrantsQueries,
    OwnRequestsQueries,
    FilingService,
    DecisionsService,
    AwardsService,
    CommitmentsService,
    AttachmentsService,
  ],
})
export class GrantsModule {
  constructor(views: Views, queries: GrantsQueries, policies: PoliciesQueries) {
    views.addPlace({
      href: '/requests',
      label: 'grants:place',
      action: 'requests.read',
      order: 10,
      waiting: (actor) => queries.countWaiting(actor),
    });
    views.addPlace({
      href: '/policy',
      label: 'policy:place',
      action: 'policy.agree',
      order: 55,
      waiting: (actor) => policies.countWaiting(actor),
    });
  }
}
