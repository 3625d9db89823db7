/**
 * Pages of PDFs that were turned: pdftotext reads them in the order in which they are shown, so that the words of a page that was
 * turned and nothing else stand in another order. The text of both sides is made from copies whose pages are not turned.
 */
#ifndef TALLY_RECEIPT_STRAIGHTEN_H
#define TALLY_RECEIPT_STRAIGHTEN_H

/**
 * Where pages of one PDF are turned otherwise than those of the other one, and both say so where it can be read without unpacking.
 * @fds  a pair; -1: there is none
 * @out  copies, yours to close, their position unknown; -1: the file itself will do
 */
void tally_straighten(const int fds[2], int out[2]);

#endif
