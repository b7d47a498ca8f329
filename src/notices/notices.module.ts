import { Module } from '@nestjs/common';
import { LedgerModule } from '../ledger/index.js';
import { NightlyMessage } from './nightly-message.js';
import './notices.words.js';

@Module({ imports: [LedgerModule], providers: [NightlyMessage] })
export class NoticesModule {}
