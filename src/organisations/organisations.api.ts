import { Controller, Get, Patch, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import type { Once } from '../platform/db.js';
import { OptionalOnceKey } from '../platform/http.js';
import { Input, PathId, Query } from '../platform/input.js';
import { PageOf, PageQuery, type Page } from '../platform/pages.js';
import {
  NewOrganisation,
  NewVendor,
  OrganisationChange,
  OrganisationView,
  VendorView,
} from './organisations.dto.js';
import { OrganisationsQueries } from './organisations.queries.js';
import { OrganisationsService } from './organisations.service.js';
import { VendorsService } from './vendors.service.js';

@ApiTags('organisations')
@Controller('api/v1')
export class OrganisationsApi {
  constructor(
    private readonly organisations: OrganisationsService,
    private readonly queries: OrganisationsQueries,
    private readonly vendors: VendorsService,
  ) {}

  @Get('organisations')
  @Can('organisations.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(OrganisationView) })
  list(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<OrganisationView>> {
    return this.queries.list(actor, query);
  }

  @Get('organisations/:id')
  @Can('organisations.read')
  @ApiOkResponse({ type: OrganisationView })
  read(@CurrentActor() actor: Actor, @PathId() id: string): Promise<OrganisationView> {
    return this.queries.read(actor, id);
  }

  @Post('organisations')
  @Can('organisations.manage')
  @ApiBody({ type: NewOrganisation })
  @ApiCreatedResponse({ type: OrganisationView })
  add(
    @CurrentActor() actor: Actor,
    @Input(NewOrganisation) input: NewOrganisation,
    @OptionalOnceKey() once?: Once,
  ): Promise<OrganisationView> {
    return this.organisations.add(actor, input, once);
  }

  @Patch('organisations/:id')
  @Can('organisations.manage')
  @ApiBody({ type: OrganisationChange })
  @ApiOkResponse({ type: OrganisationView })
  change(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Input(OrganisationChange) change: OrganisationChange,
  ): Promise<OrganisationView> {
    return this.organisations.change(actor, id, change);
  }

  @Get('vendors')
  @Can('vendors.read')
  @ApiQuery({ type: PageQuery })
  @ApiOkResponse({ type: PageOf(VendorView) })
  listVendors(@CurrentActor() actor: Actor, @Query(PageQuery) query: PageQuery): Promise<Page<VendorView>> {
    return this.vendors.list(actor, query);
  }

  @Post('vendors')
  @Can('vendors.manage')
  @ApiBody({ type: NewVendor })
  @ApiCreatedResponse({ type: VendorView })
  addVendor(
    @CurrentActor() actor: Actor,
    @Input(NewVendor) input: NewVendor,
    @OptionalOnceKey() once?: Once,
  ): Promise<VendorView> {
    return this.vendors.add(actor, input, once);
  }
}
