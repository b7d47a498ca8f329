import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Can, CurrentActor } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { PathId } from '../platform/input.js';
import { filesOf, MOST_FILES, onceOfFiles, Uploads } from '../platform/upload.js';
import { AttachmentsService } from './attachments.service.js';
import { AttachmentsAdded } from './grants.views.js';

const FILE = {
  type: 'string',
  format: 'binary',
  description: `A picture (JPEG, PNG, WebP, AVIF) or PDF of at most 20 MB; up to ${MOST_FILES} parts of this name`,
};

@ApiTags('grant requests')
@Controller('api/v1/grant-requests/:id/attachments')
export class AttachmentsApi {
  constructor(
    private readonly attachments: AttachmentsService,
    private readonly uploads: Uploads,
  ) {}

  /** All of the files are kept, or none. */
  @Post()
  @Can('requests.file')
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: { type: 'object', required: ['file'], properties: { file: FILE } } })
  @ApiCreatedResponse({ type: AttachmentsAdded })
  add(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @Req() request: FastifyRequest,
  ): Promise<AttachmentsAdded> {
    return this.uploads.receive(request, async (form) => {
      const items = await this.attachments.add(actor, id, filesOf(form), onceOfFiles(request, form));
      return { ...items[0]!, items };
    });
  }

  @Get(':fileId')
  @Can('requests.read')
  @ApiProduces('application/pdf', 'image/jpeg', 'image/png')
  async open(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @PathId('fileId') fileId: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { name, contentType, sizeBytes, content } = await this.attachments.open(actor, id, fileId);
    // Never shown inside our own origin: what a stranger made is saved, and opened elsewhere.
    void reply
      .headers({
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        'content-security-policy': "default-src 'none'; sandbox",
        'content-length': sizeBytes,
      })
      .type(contentType)
      .send(content);
  }

  @Delete(':fileId')
  @HttpCode(204)
  @Can('requests.file')
  @ApiNoContentResponse({ description: 'Gone, while the request was a draft or returned' })
  remove(
    @CurrentActor() actor: Actor,
    @PathId() id: string,
    @PathId('fileId') fileId: string,
  ): Promise<void> {
    return this.attachments.remove(actor, id, fileId);
  }
}
