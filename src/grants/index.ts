export { AwardsService } from './awards.service.js';
export { DecisionsService } from './decisions.service.js';
export { FilingService } from './filing.service.js';
export { Award, GrantRequest, itemPlace } from './grant-request.entity.js';
export { GrantsModule } from './grants.module.js';
export { GrantsQueries } from './grants.queries.js';
export type { GrantRequestSummary, GrantRequestView } from './grants.views.js';
export { OwnRequestsQueries, type AskedRequest } from './own-requests.queries.js';
export { itemsText, requestRow } from './request-parts.js';
