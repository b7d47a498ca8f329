import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Views } from '../access/index.js';
import { Organisation } from './organisation.entity.js';
import { OrganisationsApi } from './organisations.api.js';
import { OrganisationsPages } from './organisations.pages.js';
import { OrganisationsQueries } from './organisations.queries.js';
import { OrganisationsService } from './organisations.service.js';
import './organisations.words.js';
import { VendorNames } from './vendor-names.js';
import { Vendor } from './vendor.entity.js';
import { VendorsService } from './vendors.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Organisation, Vendor])],
  controllers: [OrganisationsApi, OrganisationsPages],
  providers: [OrganisationsService, OrganisationsQueries, VendorsService, VendorNames],
  exports: [OrganisationsService, OrganisationsQueries, VendorsService, VendorNames],
})
export class OrganisationsModule {
  constructor(views: Views, organisations: OrganisationsQueries) {
    views.nameOrganisationsBy((actor) => organisations.nameOf(actor));
    views.addPlace({
      href: '/organisations',
      label: 'organisations:place',
      action: 'organisations.list',
      order: 50,
    });
  }
}
