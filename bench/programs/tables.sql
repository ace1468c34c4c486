CREATE TABLE one (id int); CREATE TABLE two (id int); CREATE TABLE three (id int);
