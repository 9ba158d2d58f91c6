"""`shelftalk faq`: what shoppers ask often, and the answers that people of the shop give to it."""
