// The scripts of a batch's page, beside those of every page.
import { BatchDrop, BatchProgress } from './batches';
import { BatchFramer } from './batchframe';
import { BatchWall } from './batchwall';

for (const root of document.querySelectorAll<HTMLElement>('[data-batch-drop]')) new BatchDrop(root);
for (const root of document.querySelectorAll<HTMLElement>('[data-batch-progress]')) new BatchProgress(root);
for (const dialog of document.querySelectorAll<HTMLDialogElement>('[data-batch-framer]')) new BatchFramer(dialog);
for (const wall of document.querySelectorAll<HTMLElement>('[data-batch-wall]')) new BatchWall(wall);
