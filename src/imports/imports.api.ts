import { Controller, Get, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { PathId } from '../platform/input.js';
import { onceOfForm, Uploads } from '../platform/upload.js';
import { readerLanguage } from '../web/language.js';
import { orderOf } from './import-form.js';
import { IMPORT_KINDS } from './import.entity.js';
import { ImportView } from './imports.dto.js';
import { ImportsQueries, viewOf } from './imports.queries.js';
import { ImportsService } from './imports.service.js';

const BODY = {
  schema: {
    type: 'object',
    required: ['kind', 'file'],
    properties: {
      kind: { type: 'string', enum: [...IMPORT_KINDS] },
      file: {
        type: 'string',
        format: 'binary',
        description: 'A spreadsheet (.xlsx) or CSV of at most 20 MB',
      },
      dryRun: { type: 'boolean', default: false },
      fundCode: { type: 'string', description: 'The fund that a history was paid from' },
    },
  },
};

@ApiTags('imports')
@Controller('api/v1/imports')
export class ImportsApi {
  constructor(
    private readonly imports: ImportsService,
    private readonly queries: ImportsQueries,
    private readonly uploads: Uploads,
  ) {}

  @Post()
  @Can('imports.run')
  @ApiConsumes('multipart/form-data')
  @ApiHeader({ name: 'Idempotency-Key', required: true })
  @ApiBody(BODY)
  @ApiCreatedResponse({ type: ImportView })
  async start(@Req() request: FastifyRequest, @CurrentActor() actor: Actor): Promise<ImportView> {
    const { id } = await this.uploads.receive(request, async (form) => {
      const { input, file } = orderOf(form);
      return this.imports.start(actor, input, await file.bytes(), onceOfForm(request, form));
    });
    return this.one(request, actor, id);
  }

  @Get(':id')
  @Can('imports.run')
  @ApiOkResponse({ type: ImportView })
  async one(
    @Req() request: FastifyRequest,
    @CurrentActor() actor: Actor,
    @PathId() id: string,
  ): Promise<ImportView> {
    return viewOf(await this.queries.one(actor, id), readerLanguage(request));
  }
}
