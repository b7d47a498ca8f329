import { parentPort, workerData } from 'node:worker_threads';
import { readTable, type TableShape } from './table-reader.js';

const { bytes, shape } = workerData as { bytes: Uint8Array; shape: TableShape };

parentPort!.postMessage(
  await readTable(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), shape),
  [],
);
