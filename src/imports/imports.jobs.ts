import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Jobs } from '../platform/jobs.js';
import { ImportsService } from './imports.service.js';

/** Runs the imports that the outbox hands over. */
@Injectable()
export class ImportsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly imports: ImportsService,
  ) {}

  onModuleInit(): void {
    this.jobs.handle('imports.run', ({ payload, isLastAttempt }) =>
      this.imports.run(String(payload.importId), isLastAttempt),
    );
    this.jobs.onStart(() => this.imports.askAgain());
  }
}
