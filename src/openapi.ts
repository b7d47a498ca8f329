import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** Serves the API's description, made from the DTOs: JSON at `/api/v1/openapi.json`, readable at `/api/docs`. */
export function describeApi(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Sasae 支え')
    .setDescription('Emergency relief: requests, decisions, payments and figures. Money is whole yen.')
    .setVersion('1')
    .addBearerAuth()
    .addCookieAuth('sasae_session')
    .build();
  const document = () => SwaggerModule.createDocument(app, description);
  SwaggerModule.setup('api/docs', app, document, { jsonDocumentUrl: 'api/v1/openapi.json' });
}
