export { Organisation } from './organisation.entity.js';
export { NewOrganisation, OrganisationView, VendorView } from './organisations.dto.js';
export { OrganisationsModule } from './organisations.module.js';
export { OrganisationsQueries } from './organisations.queries.js';
export { OrganisationsService } from './organisations.service.js';
export { upsertOrganisations, type Upserted } from './organisations.upsert.js';
export { Vendor, VENDOR_KINDS, type VendorKind } from './vendor.entity.js';
export { VendorsService } from './vendors.service.js';
