export { NewOrganisation, VendorView } from './organisations.dto.js';
export { OrganisationsModule } from './organisations.module.js';
export { OrganisationsQueries } from './organisations.queries.js';
export { OrganisationsService } from './organisations.service.js';
export { upsertOrganisations } from './organisations.upsert.js';
export { VENDOR_KINDS, type VendorKind } from './vendor.entity.js';
export { VendorNames } from './vendor-names.js';
export { VendorsService } from './vendors.service.js';
