import { Injectable, type OnModuleInit } from '@nestjs/common';
import { FileSweep } from '../platform/file-sweep.js';
import { Jobs } from '../platform/jobs.js';
import { ImportsService } from './imports.service.js';

/** Runs the imports that the outbox hands over. */
@Injectable()
export class ImportsJobs implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly imports: ImportsService,
    private readonly sweep: FileSweep,
  ) {}

  onModuleInit(): void {
    this.jobs.handle('imports.run', ({ payload, isLastAttempt }) =>
      this.imports.run(String(payload.importId), isLastAttempt),
    );
    this.jobs.onStart(() => this.imports.askAgain());
    this.sweep.keep((ids) => this.imports.wanted(ids));
  }
}
