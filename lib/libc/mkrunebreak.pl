#!/usr/bin/perl
# Writes breaktab.c: how Unicode's characters stand with their neighbours.
#
# usage: mkrunebreak.pl > breaktab.c
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

my %grapheme = (
	CR => 'Gcr', LF => 'Glf', Control => 'Gcontrol', Extend => 'Gextend', ZWJ => 'Gzwj',
	Regional_Indicator => 'Gregional', Prepend => 'Gprepend', SpacingMark => 'Gspacing',
	L => 'Gl', V => 'Gv', T => 'Gt', LV => 'Gother', LVT => 'Gother',
);
my %word = (
	CR => 'Wcr', LF => 'Wlf', Newline => 'Wnewline', Extend => 'Wextend', ZWJ => 'Wzwj',
	Format => 'Wformat', Regional_Indicator => 'Wregional', Katakana => 'Wkatakana',
	Hebrew_Letter => 'Whebrew', ALetter => 'Wletter', ExtPict_LE => 'Wletter',
	Single_Quote => 'Wsingle', Double_Quote => 'Wdouble', MidNumLet => 'Wmidnumlet',
	MidLetter => 'Wmidletter', MidNum => 'Wmidnum', Numeric => 'Wnumeric',
	ExtendNumLet => 'Wextendnumlet',
);

# The value of a property for each range, as [start, value].
sub ranges {
	my ($starts, $values) = prop_invmap(shift);
	return map { [$starts->[$_], $values->[$_]] } 0 .. $#$starts;
}

# Perl has a class of blanks of its own: these are the standard's, Zs that do not glue.
sub wspace {
	my $c = shift;
	return $c == 0x20 || $c == 0x1680 || ($c >= 0x2000 && $c <= 0x200a && $c != 0x2007)
		|| $c == 0x205f || $c == 0x3000;
}

my @props = map { [ranges($_)] } qw(GCB WB ExtPict);
my %cut = (0x20 => 1, 0x21 => 1, 0x2007 => 1, 0x2008 => 1);
for my $p (@props) {
	$cut{$_->[0]} = 1 for @$p;
}
my @at = (0, 0, 0);
my (@rows, $last);
my @cuts = sort { $a <=> $b } keys %cut;
for my $i (0 .. $#cuts) {
	my ($lo, $hi) = ($cuts[$i], ($i < $#cuts ? $cuts[$i + 1] : 0x110000) - 1);
	for my $k (0 .. 2) {
		$at[$k]++ while $at[$k] < $#{$props[$k]} && $props[$k][$at[$k] + 1][0] <= $lo;
	}
	my @v = map { $props[$_][$at[$_]][1] } 0 .. 2;
	my $g = $grapheme{$v[0]} // 'Gother';
	my $w = wspace($lo) ? 'Wspace' : $word{$v[1]} // 'Wother';
	my $e = $v[2] eq 'Y' ? 1 : 0;
	$last = undef, next if $g eq 'Gother' && $w eq 'Wother' && !$e;

	if ($last && $last->[1] == $lo - 1 && "@$last[2..4]" eq "$g $w $e") {
		$last->[1] = $hi;
		next;
	}
	push @rows, $last = [$lo, $hi, $g, $w, $e];
}

my $version = Unicode::UCD::UnicodeVersion();
print <<EOF;
/*
 * How characters stand with their neighbours, written by mkrunebreak.pl from Unicode $version.
 */
#include "sys.h"
#include "unicode.h"

Break _breaks[] = {
EOF
my $line = "\t";
for (@rows) {
	my $cell = sprintf '{0x%x,0x%x,%s,%s,%d}, ', @$_;
	if (length($line) + length($cell) > 92) {
		$line =~ s/ $//;
		print "$line\n";
		$line = "\t";
	}
	$line .= $cell;
}
$line =~ s/ $//;
print "$line\n};\nint _nbreak = nelem(_breaks);\n";
