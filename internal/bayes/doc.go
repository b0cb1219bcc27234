// Package bayes sorts texts into the categories that a group taught it.
//
// It is multinomial naive Bayes: a category is as likely as its share of the
// texts that were trained, times how often the words of the text stood in its
// texts, each word counted once more than it did (Laplace), so that a word that
// is new to a category does not rule it out. Words that no category knows say
// nothing. It is reckoned in logarithms, which long texts do not push to zero.
//
// A [Book] has the classifiers of one agent's groups and keeps them across
// restarts, in small parts, so that training costs what the text is long and
// not what was trained before.
//
// The classifiers that are to be had cannot forget a text, rename or merge
// categories, or gain one after they were made, and keep all or nothing.
package bayes
