import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { absent } from '../kernel/errors.js';
import { Public } from '../platform/http.js';
import { assetOf } from './assets.js';

@ApiExcludeController()
@Public()
@Controller('assets')
export class AssetsController {
  // A name with a hash means one content forever, so nobody needs to ask again.
  @Get(':file')
  file(@Param('file') file: string, @Res() reply: FastifyReply): void {
    const asset = assetOf(file);
    if (!asset) throw absent();
    void reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .type(asset.type)
      .send(asset.body);
  }
}
