SELECT store, upto FROM store_retention
